import { fieldErrors } from './field-errors.js';
import { CreateMeasuringTask, LeasedTask, MeasuringTask } from './measuring.js';

const request = (changes: object) => ({
  deviceId: '6f1c2a52-3f5b-4a0e-9d3a-0c6b9a0a1f00',
  network: { family: 'resnet', depth: 8 },
  input: { channels: 1, height: 28, width: 28 },
  classes: 10,
  ratios: [0.5, 0, 0.25],
  ...changes,
});
const problemsOf = (changes: object) => {
  const input = request(changes);
  const { error } = CreateMeasuringTask.safeParse(input);
  return error === undefined ? [] : fieldErrors(error.issues, input, 'body');
};
const adaptive = (target?: object) => ({ kind: 'adaptive', ...(target && { target }) });
const atRatio = (ratio: number) => adaptive({ kind: 'fastest-at-ratio', ratio });

describe('an adaptive selection', () => {
  test.each<[string, object]>([
    ['the dense network among the ratios', adaptive()],
    ['a target at the largest ratio', atRatio(0.5)],
    ['a target between ratios', atRatio(0.1)],
    ['a target in milliseconds', adaptive({ kind: 'latency', latencyMs: 5 })],
  ])('takes %s', (_, selection) => {
    expect(problemsOf({ selection })).toEqual([]);
  });

  test('is refused without the dense network, which other selections do not need', () => {
    expect(problemsOf({ selection: adaptive(), ratios: [0.25, 0.5] })).toEqual([
      {
        ...{ field: 'ratios', value: [0.25, 0.5] },
        expected: '0 (the dense network) among the ratios of an adaptive selection',
      },
    ]);
    expect(problemsOf({ selection: { kind: 'all' }, ratios: [0.25, 0.5] })).toEqual([]);
  });

  test('is refused where the target is at a larger ratio than any', () => {
    expect(problemsOf({ selection: atRatio(0.6) })).toEqual([
      {
        ...{ field: 'selection.target.ratio', value: 0.6 },
        expected: 'a ratio from 0 to 0.5, the largest of ratios',
      },
    ]);
  });

  test('has the mode of the calibration that follows, stable unless said', () => {
    const selectionOf = (mode?: string) =>
      CreateMeasuringTask.parse(request({ selection: { ...adaptive(), mode } })).selection;
    expect(selectionOf()).toMatchObject({ kind: 'adaptive', mode: 'stable' });
    expect(selectionOf('deadline')).toMatchObject({ mode: 'deadline' });
    expect(problemsOf({ selection: { ...adaptive(), mode: 'fast' } })).toMatchObject([
      { field: 'selection.mode', value: 'fast' },
    ]);
  });

  test('of a task that was stored without a mode is stable', () => {
    const stored = { kind: 'adaptive', target: { kind: 'latency', latencyMs: 5 }, tolerance: 0.05 };
    for (const task of [MeasuringTask, LeasedTask]) {
      expect(task.shape.selection.parse(stored)).toEqual({ ...stored, mode: 'stable' });
    }
  });
});
