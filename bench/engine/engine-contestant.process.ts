/**
 * Our side of the engine benchmark: one workload in one process, so that its peak memory is its own. Driven over
 * standard input; answers go to file descriptor 3, which no native library writes to.
 */
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { createExecutor, type ExecutorName } from '#engine';
import type { EngineContestantOptions, Hello, StepsAnswer, StepsRequest } from './messages.js';
import { readWorkload } from './workload-folder.js';
import { graphOf, lossNamesOf } from './workload.js';

function answer(message: Hello | StepsAnswer): void {
  fs.writeSync(3, `${JSON.stringify(message)}\n`);
}

async function makeStep(
  options: EngineContestantOptions,
): Promise<{ hello: Hello; step: () => Promise<number[]> }> {
  const { workload, tensors } = await readWorkload(options.folder);
  const { provider, threads } = options;
  const executor = await createExecutor(options.executor as ExecutorName, { provider, threads });
  const graph = graphOf(workload);
  const program = await executor.compile(graph);
  const zeros = (shape: readonly number[]) => new Float32Array(shape.reduce((a, b) => a * b, 1));
  await program.setState(
    // A state that the workload does not give is the optimizer's, which begins at rest.
    Object.fromEntries(
      graph.states.map(({ name, shape }) => [name, tensors[name] ?? { shape, data: zeros(shape) }]),
    ),
  );
  const learningRate = { shape: [], data: Float32Array.of(workload.training.learningRate) };
  const feeds = { images: tensors['images']!, labels: tensors['labels']!, learningRate };
  const lossNames = lossNamesOf(workload);
  const step = async (): Promise<number[]> => {
    const outputs = await program.run(feeds);
    return lossNames.map((name) => outputs[name]!.data[0]!);
  };
  return { hello: { ...executor.info }, step };
}

/** At least one step; no further one once the limit is over. */
async function runSteps(step: () => Promise<number[]>, request: StepsRequest): Promise<StepsAnswer> {
  const seconds: number[] = [];
  const losses: number[][] = [];
  const end = performance.now() + request.limitSeconds * 1000;
  do {
    const before = performance.now();
    losses.push(await step());
    seconds.push((performance.now() - before) / 1000);
  } while (seconds.length < request.steps && performance.now() < end);
  return { seconds, losses };
}

const { hello, step } = await makeStep(JSON.parse(process.argv[2]!) as EngineContestantOptions);
answer(hello);
for await (const line of createInterface({ input: process.stdin })) {
  answer(await runSteps(step, JSON.parse(line) as StepsRequest));
}
process.exit(0); // whatever threads an executor left behind
