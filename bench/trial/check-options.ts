import { fieldErrors, TrainingOptions, type FieldError } from '#contracts';
import type { OwnMethod } from '../accuracy/accuracy-run.js';
import type { RunOptions } from '../accuracy/run-settings.js';

/** Options of a job's training that a trial is told otherwise, or has no use for: what is expected instead. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map<keyof TrainingOptions, string>([
  ['method', 'the option --method'],
  ['seed', 'the option --seed'],
  ['trainImages', 'the option --train-images'],
  ['testImages', 'none in a trial'],
  ['evaluation', 'none in a trial'],
  ['engine', 'none in a trial'],
  ['threads', 'none in a trial'],
  ['checkpointEverySteps', 'none in a trial'],
  ['checkpointEveryMinutes', 'none in a trial'],
]);

/**
 * A method's options with those that a trial sets: whatever jobs may set, and no mask epochs where a method has no mask.
 * @param set not checked yet
 * @throws RangeError naming field, value and expectation of all that is wrong
 */
export function changedOptions(
  method: OwnMethod,
  own: RunOptions,
  set: Readonly<Record<string, unknown>>,
): RunOptions {
  const changed = { ...own, ...set };
  const problems = [...toldElsewhere(changed), ...refused(method, changed)];
  if (problems.length === 0) return changed;
  const described = problems.map(({ field, value, expected }) => {
    return `${field} ${JSON.stringify(value)}: expected ${expected}`;
  });
  throw new RangeError(`--set: ${described.join('; ')}`);
}

function toldElsewhere(options: object): FieldError[] {
  return Object.entries(options).flatMap(([field, value]) => {
    const expected = ELSEWHERE.get(field);
    return expected === undefined ? [] : [{ field, value: value as unknown, expected }];
  });
}

/** By the contract of jobs, of what a trial takes from there. */
function refused(method: OwnMethod, options: object): FieldError[] {
  const own = Object.fromEntries(Object.entries(options).filter(([field]) => !ELSEWHERE.has(field)));
  const { error } = TrainingOptions.safeParse(own);
  const needsMask = method === 'all-in-one';
  return fieldErrors(error?.issues ?? [], own, 'the options').filter(
    ({ field, value }) => needsMask || field !== 'maskEpochs' || value !== 0,
  );
}
