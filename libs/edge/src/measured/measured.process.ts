/**
 * The process whose CPU time a clock controller takes. It holds one network at a time and nothing else runs in it:
 * no logging, no network, and no waiting of its own, which would falsify what is measured.
 */
import { loadNetwork, type LoadedNetwork } from './load-network.js';
import type { LoadedAnswer, MeasuredReply, MeasuredRequest, SampleAnswer, SizeAnswer } from './messages.js';
import { runnerVersion } from './runner.js';
import { sizeSample, takeSamples } from './time-runs.js';

let network: LoadedNetwork | undefined;

async function answer(request: MeasuredRequest): Promise<LoadedAnswer | SizeAnswer | SampleAnswer> {
  if (request.type === 'load') {
    await network?.dispose();
    network = undefined;
    network = await loadNetwork(request);
    return { runnerVersion: runnerVersion() };
  }
  if (!network) throw new Error(`"${request.type}" was asked before a network was loaded`);
  if (request.type === 'size') return { runsPerSample: await sizeSample(network.run, request.minSampleMs) };
  return { samplesMs: await takeSamples(network.run, request) };
}

async function reply(request: MeasuredRequest): Promise<void> {
  const result: MeasuredReply<unknown> = await answer(request).then(
    (value) => ({ ok: true, answer: value }),
    (error: unknown) => ({ ok: false, error: error instanceof Error ? error.message : String(error) }),
  );
  process.send?.(result);
}

process.on('message', (request: MeasuredRequest) => void reply(request));
// Without its agent nobody wants the samples; runs that are under way must not keep the process alive.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches every process of the terminal: the agent ends this one when it has put the clocks back.
process.on('SIGINT', () => {});
