import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { latencyMs, pointName, ratioOf, type TablesScale } from './filled-service.js';

const LINES_PER_PIECE = 1000;

/** Writes our CSV with so many samples, one cell after the other and again from the first, as a device measures them. */
export async function writeSamples(
  file: string,
  samples: number,
  { operatingPoints, ratios }: Pick<TablesScale, 'operatingPoints' | 'ratios'>,
): Promise<void> {
  const cells = operatingPoints * ratios;
  function* pieces(): Generator<string> {
    yield 'operating_point,ratio,latency_ms\n';
    for (let from = 0; from < samples; from += LINES_PER_PIECE) {
      let piece = '';
      for (let i = from; i < Math.min(samples, from + LINES_PER_PIECE); i++) {
        const [cell, sample] = [i % cells, Math.floor(i / cells)];
        const [point, ratio] = [Math.floor(cell / ratios), ratioOf(cell % ratios)];
        piece += `${pointName(point)},${ratio},${latencyMs(point, ratio, sample)}\n`;
      }
      yield piece;
    }
  }
  await pipeline(Readable.from(pieces()), createWriteStream(file));
}
