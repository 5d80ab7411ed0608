import os from 'node:os';
import { isGpuProvider, type WorkerDescription, type WorkerEngine } from '#contracts';
import type { Availability } from '#engine';
import { cpuClass, describeMachine, isochronVersion, type Config } from '#runtime';

export interface DescribedWorker {
  readonly id: string;
  readonly name: string;
  readonly startedAt: Date;
  readonly config: Pick<Config, 'workerLabels' | 'workerQueues' | 'workerTeam' | 'workerConcurrency'>;
}

/** What this worker says of itself, with the engines that were found on its machine. */
export function describeWorker(
  { id, name, startedAt, config }: DescribedWorker,
  found: readonly Availability[],
): WorkerDescription {
  const { cores, memoryBytes } = describeMachine();
  const { workerTeam: teamId } = config;
  const engines = found.flatMap(engineOf);
  const onCard = engines.filter(({ provider }) => isGpuProvider(provider));
  return {
    ...{ id, name, host: os.hostname(), labels: config.workerLabels, engines, memoryBytes, cores },
    ...(teamId !== undefined && { teamId }),
    queues: [...(config.workerQueues ?? queuesFor(onCard))],
    device: onCard.some(({ byNameOnly }) => !byNameOnly) ? 'gpu' : 'cpu',
    cpuClass: cpuClass(),
    concurrency: config.workerConcurrency,
    version: isochronVersion(),
    startedAt: startedAt.toISOString(),
  };
}

/** The reference is for tests, and no job gets it. */
function engineOf({ executor, provider, available, fallback = false }: Availability): WorkerEngine[] {
  return available && executor !== 'reference' ? [{ executor, provider, byNameOnly: fallback }] : [];
}

const queuesFor = (onCard: readonly WorkerEngine[]): WorkerDescription['queues'] =>
  onCard.length > 0 ? ['train.gpu', 'train.cpu', 'light'] : ['train.cpu', 'light'];
