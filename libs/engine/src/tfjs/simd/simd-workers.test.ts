import { WebAssembly, type WasmMemory } from '../web-assembly.js';
import { constant, encodeModule, get, type Code } from './assembler.js';
import { SimdWorkers } from './simd-workers.js';

const [FINE, TRAPS, HANGS] = [1, 2, 3];

/** Instructions that no function of ours has a use for. */
const UNREACHABLE: Code = [0x00];
/** `memory.atomic.wait32` on a word of zero, without a limit: keeps no core busy. */
const WAIT: Code = [...constant(0), ...constant(0), ...[0x42, 0x7f], ...[0xfe, 0x01, 2, 0], 0x1a];
const ifShareIs = (kind: number, body: Code): Code => [
  ...[...get(0), ...constant(kind), 0x46],
  ...[0x04, 0x40, ...body, 0x0b],
];
const body = [...ifShareIs(TRAPS, UNREACHABLE), ...ifShareIs(HANGS, WAIT)];
const code = encodeModule([
  { exportedAs: 'filterGradient', parameters: 1, i32Locals: 0, v128Locals: 0, body },
]);

function start(workers: number): Promise<SimdWorkers> {
  const { Memory } = WebAssembly as unknown as { Memory: new (limits: object) => WasmMemory };
  const memory = new Memory({ initial: 1, maximum: 65536, shared: true });
  return SimdWorkers.start(new WebAssembly.Module(code), memory, workers, 1);
}

const own = () => {};

test('a share that traps in a thread fails the job, and no later one', async () => {
  const workers = await start(2);
  const run = (...shares: number[]) => workers.run(own, [[FINE], ...shares.map((share) => [share])]);
  expect(() => run(TRAPS, FINE)).toThrow('1 of 2 threads failed in their share');
  expect(() => run(FINE, FINE)).not.toThrow();
  expect(() => run(TRAPS, TRAPS)).toThrow('2 of 2 threads failed in their share');
});

test('a share that never ends fails the job and all later ones', async () => {
  const workers = await start(2);
  expect(() => workers.run(own, [[FINE], [FINE], [HANGS]])).toThrow(
    '1 threads did not end their share in 1 s',
  );
  expect(() => workers.run(own, [[FINE], [FINE], [FINE]])).toThrow('never ended its share of an earlier job');
});

test('a job waits for its threads even when the share of the calling one fails', async () => {
  const workers = await start(1);
  const fail = () => {
    throw new Error('own share');
  };
  expect(() => workers.run(fail, [[FINE], [FINE]])).toThrow('own share');
  expect(() => workers.run(fail, [[FINE], [HANGS]])).toThrow('1 threads did not end their share in 1 s');
});
