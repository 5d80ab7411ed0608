import { summarise } from '#calibration';
import { measureAfresh, type EmulatedCells, type EmulatedSamples } from './measure-afresh.js';

type Cell = EmulatedCells['cells'][number];

export interface ReferencedCells extends Omit<EmulatedCells, 'nextCell'> {
  /** Measured before and after the cells, each time. */
  readonly reference: Cell;
  /** What the reference is to count as. */
  readonly referenceMs: number;
  /** How often every cell is measured, each time in a process of its own. */
  readonly processesPerCell: number;
}

/**
 * Measures each cell in several fresh processes, in samples that are scaled by what a reference took at the same time: a shared machine is
 * faster in one minute than in another, and two processes of the same network differ by more than the samples of one.
 * For choosing ratios; never for figures.
 */
export async function measureAgainstReference(input: ReferencedCells): Promise<EmulatedSamples[]> {
  const { cells, reference, referenceMs, processesPerCell, ...rest } = input;
  const samplesMs = cells.map(() => [] as number[]);
  let emulation = '';
  for (let pass = 0; pass < processesPerCell; pass++) {
    const measured: EmulatedSamples[] = [];
    for (const cell of [reference, ...cells, reference]) {
      measured.push(...(await measureAfresh({ ...rest, cells: [cell] })));
    }
    const references = [measured[0]!, measured.at(-1)!].flatMap((each) => each.samplesMs);
    const scale = referenceMs / summarise(references).p50Ms;
    measured.slice(1, -1).forEach((each, i) => samplesMs[i]!.push(...each.samplesMs.map((ms) => ms * scale)));
    ({ emulation } = measured[0]!);
  }
  return cells.map((cell, i) => ({ ...cell, emulation, samplesMs: samplesMs[i]! }));
}
