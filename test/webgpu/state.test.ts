import { GraphBuilder, add, mul, type Graph, type Tensor } from '#graph';
import { createExecutor, type Executor } from '#engine';
import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

const vector = (...values: number[]): Tensor => ({ shape: [values.length], data: Float32Array.from(values) });
const valuesOf = (state: Record<string, Tensor>, name: string) => [...state[name]!.data];

/** total' = total + step x; `step` is never assigned. Returns the total before the run. */
function totalGraph(): Graph {
  const builder = new GraphBuilder();
  const x = builder.input('x', [2]);
  const [total, step] = [builder.state('total', [2]), builder.state('step', [2])];
  builder.assign(total, add(total, mul(x, step)));
  builder.output('before', total);
  return builder.build();
}

let executor: Executor;
beforeAll(async () => {
  executor = await createExecutor('onnxruntime', { provider: 'webgpu' });
});

async function prepared() {
  const program = await executor.compile(totalGraph());
  await program.setState({ total: vector(0, 0), step: vector(1, 10) });
  return program;
}

test('the executor says that WebGPU runs its programs', () => {
  expect(executor.info).toMatchObject({ name: 'onnxruntime', provider: 'webgpu' });
});

test('the state stays on the device between runs and can be read after any of them', async () => {
  const program = await prepared();
  expect(valuesOf(await program.run({ x: vector(1, 2) }), 'before')).toEqual([0, 0]);
  expect(valuesOf(await program.getState(), 'total')).toEqual([1, 20]);
  expect(valuesOf(await program.run({ x: vector(5, 5) }), 'before')).toEqual([1, 20]);
  const state = await program.getState();
  expect([valuesOf(state, 'total'), valuesOf(state, 'step')]).toEqual([
    [6, 70],
    [1, 10],
  ]);
  await program.dispose();
});

test('single states can be set while the others stay as they are', async () => {
  const program = await prepared();
  await program.run({ x: vector(1, 1) });
  await program.setState({ step: vector(0, 1) });
  await program.run({ x: vector(7, 7) });
  expect(valuesOf(await program.getState(), 'total')).toEqual([1, 17]);
  await program.dispose();
});

test('the state can be read and set while a run is under way: once that has ended', async () => {
  const program = await prepared();
  const [, state] = await Promise.all([program.run({ x: vector(1, 1) }), program.getState()]);
  expect(valuesOf(state, 'total')).toEqual([1, 10]);
  await Promise.all([program.run({ x: vector(1, 1) }), program.setState({ total: vector(3, 3) })]);
  expect(valuesOf(await program.getState(), 'total')).toEqual([3, 3]);
  await program.dispose();
});

test('programs keep their states apart, and disposing of one leaves the other', async () => {
  const [one, two] = [await prepared(), await prepared()];
  await one.run({ x: vector(1, 1) });
  await two.run({ x: vector(2, 2) });
  await one.dispose();
  expect(valuesOf(await two.getState(), 'total')).toEqual([2, 20]);
  await two.dispose();
});
