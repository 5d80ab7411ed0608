import type { Executor } from '../executor.js';
import { compareProgram } from './compare-program.js';
import { OP_CASES } from './op-cases.js';
import { opProgram } from './op-program.js';
import { OPTIMIZER_CASES } from './optimizer-cases.js';
import type { ProgramCase } from './program-case.js';

/** Largest error of an executor, as a share of a tensor's largest value in the float64 reference. */
export const CONFORMANCE_TOLERANCE = 1e-4;

export interface ConformanceResult {
  /** The op with its attributes and the shapes of its inputs, or the optimizer with its numbers. */
  readonly name: string;
  readonly passed: boolean;
  /** As a share of a tensor's largest value; undefined where the case did not run. */
  readonly largestError?: number;
  /** Why the case did not run. */
  readonly failure?: string;
}

/**
 * Runs every op of a graph, the layers and losses built from them and every optimizer on an executor, at small and odd
 * sizes, forward and with gradients, and compares all with the float64 reference. Never throws for a case that fails.
 */
export async function checkConformance(
  executor: Executor,
  onResult: (result: ConformanceResult) => void = () => {},
): Promise<ConformanceResult[]> {
  const results: ConformanceResult[] = [];
  for (const item of PROGRAM_CASES) {
    const result = await checkCase(executor, item);
    results.push(result);
    onResult(result);
  }
  return results;
}

const PROGRAM_CASES: readonly ProgramCase[] = [
  ...OP_CASES.map(({ name, item }) => opProgram(name, item)),
  ...OPTIMIZER_CASES,
];

async function checkCase(executor: Executor, item: ProgramCase): Promise<ConformanceResult> {
  const { name } = item;
  try {
    const largestError = await compareProgram(executor, item);
    return { name, passed: largestError <= CONFORMANCE_TOLERANCE, largestError };
  } catch (error) {
    return { name, passed: false, failure: error instanceof Error ? error.message : String(error) };
  }
}
