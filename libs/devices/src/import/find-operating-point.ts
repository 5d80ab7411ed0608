import type { OperatingPoint } from '#contracts';
import { parseNumber } from './parse-values.js';

/** The point of a line, or what was expected of it. */
export type FoundPoint = { readonly name: string } | { readonly expected: string };

const LISTED = 10;

export function findByName(points: readonly OperatingPoint[], text: string): FoundPoint {
  const point = points.find(({ name }) => name === text);
  return point ?? { expected: `an operating point of the device: ${listed(points.map(({ name }) => name))}` };
}

export interface ClockScale {
  readonly clock: 'cpuHz' | 'gpuHz' | 'memHz';
  readonly unit: string;
  readonly hertzPerUnit: number;
}

/**
 * The point whose clock is the one written, within half a unit of the last digit written: 614 MHz is 614.4 MHz.
 * A point with exactly that clock wins; several are ambiguous.
 */
export function findByClock(
  points: readonly OperatingPoint[],
  text: string,
  { clock, unit, hertzPerUnit }: ClockScale,
): FoundPoint {
  const clocked = points.filter((point) => point[clock] !== undefined);
  const written = parseNumber(text);
  if (written === undefined || written <= 0) return { expected: `a clock in ${unit}, a number above 0` };
  const decimals = /\.(\d+)/.exec(text)?.[1]?.length ?? 0;
  const distance = (point: OperatingPoint) => Math.abs(point[clock]! - written * hertzPerUnit);
  const near = clocked.filter((point) => distance(point) <= (0.5 * hertzPerUnit) / 10 ** decimals);
  const exact = near.filter((point) => distance(point) < 0.5);
  const found = exact.length > 0 ? exact : near;
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    return {
      expected: `a clock of one operating point alone: ${listed(found.map(({ name }) => name))} have it`,
    };
  }
  const known = clocked.map((point) => `${point[clock]! / hertzPerUnit} (${point.name})`);
  return { expected: `the ${clock} of an operating point in ${unit}: ${listed(known)}` };
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'there is none';
  const rest = names.length - LISTED;
  return names.slice(0, LISTED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
