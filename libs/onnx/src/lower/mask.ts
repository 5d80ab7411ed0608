import type { Emitter } from '../emitter.js';

/** A power of two, so that products with it are exact; large enough to lift what training meets above one. */
const STEEP = 2 ** 100;

/** 1 where the value is above zero, else 0: a HardSigmoid so steep that onnxruntime spares comparison and cast. */
export function aboveZero(emitter: Emitter, name: string): string {
  return clampedLine(emitter, name, STEEP, 0);
}

/** 1 where the value is below the limit, else 0. */
export function below(emitter: Emitter, name: string, limit: number): string {
  return clampedLine(emitter, name, -STEEP, STEEP * limit);
}

/** `slope x + offset`, clamped to 0..1. */
function clampedLine(emitter: Emitter, name: string, slope: number, offset: number): string {
  return emitter.emit('HardSigmoid', [name], {
    attributes: { alpha: { float: slope }, beta: { float: offset } },
  });
}
