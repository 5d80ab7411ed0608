import { GraphBuilder, add, mul, type Graph, type Tensor } from '#graph';
import { ExecutorError, createExecutor, type Executor, type ExecutorName } from './index.js';

const vector = (...values: number[]): Tensor => ({ shape: [values.length], data: Float32Array.from(values) });

/** total' = total + step x; calls' = calls + 1; `fixed` is never assigned. Returns the total before the run. */
function counterGraph(): Graph {
  const builder = new GraphBuilder();
  const x = builder.input('x', [2]);
  const [total, calls, fixed] = [
    builder.state('total', [2]),
    builder.state('calls', []),
    builder.state('fixed', [2]),
  ];
  builder.assign(total, add(total, mul(x, fixed)));
  builder.assign(calls, add(calls, builder.scalar(1)));
  builder.output('before', total);
  builder.output('doubled', mul(x, builder.scalar(2)));
  builder.output('doubled-again', mul(x, builder.scalar(2)));
  builder.output('three', builder.scalar(3));
  return builder.build();
}

const initial = () => ({
  total: vector(0, 0),
  calls: { shape: [], data: Float32Array.of(0) },
  fixed: vector(1, 10),
});

describe.each<ExecutorName>(['onnxruntime', 'reference'])('a program of %s', (name) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await createExecutor(name, { threads: 1 });
  });
  const prepared = async () => {
    const program = await executor.compile(counterGraph());
    await program.setState(initial());
    return program;
  };

  test('says what runs it', () => {
    expect(executor.info).toEqual({
      name,
      provider: expect.stringMatching(/^(cpu|javascript)$/),
      version: expect.stringMatching(/^\d+\.\d+/),
      threads: 1,
    });
  });

  test('reads the old state throughout a run and keeps the new one', async () => {
    const program = await prepared();
    const first = await program.run({ x: vector(1, 2) });
    const second = await program.run({ x: vector(5, 5) });
    expect([...first.before!.data]).toEqual([0, 0]);
    expect([...second.before!.data]).toEqual([1, 20]);
    const state = await program.getState();
    expect(Object.keys(state).sort()).toEqual(['calls', 'fixed', 'total']);
    expect([...state.total!.data]).toEqual([6, 70]);
    expect([...state.calls!.data]).toEqual([2]);
    expect([...state.fixed!.data]).toEqual([1, 10]);
    await program.dispose();
  });

  test('gives outputs under every name, constants included', async () => {
    const program = await prepared();
    const outputs = await program.run({ x: vector(3, 4) });
    expect([...outputs.doubled!.data]).toEqual([6, 8]);
    expect([...outputs['doubled-again']!.data]).toEqual([6, 8]);
    expect(outputs.three).toEqual({ shape: [], data: Float32Array.of(3) });
    await program.dispose();
  });

  test('shares no memory with what it was given or gave away', async () => {
    const program = await prepared();
    const given = initial();
    await program.setState(given);
    given.total.data.fill(99);
    (await program.getState()).total!.data.fill(99);
    const { before } = await program.run({ x: vector(1, 1) });
    expect([...before!.data]).toEqual([0, 0]);
    before!.data.fill(99);
    const kept = (await program.getState()).total!;
    await program.run({ x: vector(1, 1) });
    expect([...kept.data]).toEqual([1, 10]);
    await program.dispose();
  });

  test('sets single states and leaves the others', async () => {
    const program = await prepared();
    await program.run({ x: vector(1, 1) });
    await program.setState({ fixed: vector(0, 0) });
    await program.run({ x: vector(7, 7) });
    expect([...(await program.getState()).total!.data]).toEqual([1, 10]);
    await program.dispose();
  });

  test('keeps the state of two programs of one graph apart', async () => {
    const [one, two] = [await prepared(), await prepared()];
    await one.run({ x: vector(1, 1) });
    expect([...(await two.getState()).total!.data]).toEqual([0, 0]);
    await Promise.all([one.dispose(), two.dispose()]);
  });

  test.each<[string, Record<string, Tensor>, RegExp]>([
    ['a missing feed', {}, /feed "x" \[2\] is missing/],
    ['an unknown feed', { x: vector(1, 2), y: vector(1) }, /feed "y" is unknown; the graph has x/],
    ['another shape', { x: vector(1, 2, 3) }, /feed "x" must be \[2\], got \[3\]/],
    [
      'too few values',
      { x: { shape: [2], data: Float32Array.of(1) } },
      /feed "x" \[2\] needs 2 values, got 1/,
    ],
  ])('refuses %s and names it', async (_, feeds, message) => {
    const program = await prepared();
    await expect(program.run(feeds)).rejects.toThrow(ExecutorError);
    await expect(program.run(feeds)).rejects.toThrow(message);
    await program.dispose();
  });

  test('refuses states that the graph does not have, other shapes and runs before all are set', async () => {
    const program = await executor.compile(counterGraph());
    await expect(program.setState({ sum: vector(1, 2) })).rejects.toThrow(
      /state "sum" is unknown; the graph has total, calls, fixed/,
    );
    await expect(program.setState({ total: vector(1) })).rejects.toThrow(
      /state "total" must be \[2\], got \[1\]/,
    );
    await program.setState({ total: vector(0, 0), fixed: vector(1, 1) });
    await expect(program.run({ x: vector(1, 2) })).rejects.toThrow(/state "calls" was never set/);
    await expect(program.getState()).rejects.toThrow(/state "calls" was never set/);
    await program.dispose();
  });

  test('refuses to run once disposed; disposing twice does no harm', async () => {
    const program = await prepared();
    const last = program.run({ x: vector(1, 1) });
    await program.dispose();
    await program.dispose();
    expect([...(await last).before!.data]).toEqual([0, 0]);
    await expect(program.run({ x: vector(1, 2) })).rejects.toThrow(/disposed/);
  });
});

test('onnxruntime refuses a run that would overtake another: the state would be torn', async () => {
  const executor = await createExecutor('onnxruntime');
  const program = await executor.compile(counterGraph());
  await program.setState(initial());
  const first = program.run({ x: vector(1, 1) });
  await expect(program.run({ x: vector(1, 1) })).rejects.toThrow(/is running/);
  await first;
  await program.dispose();
});

test('an executor needs at least one thread', async () => {
  await expect(createExecutor('onnxruntime', { threads: 0 })).rejects.toThrow(/threads: 0/);
});
