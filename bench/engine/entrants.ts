import { extname, join } from 'node:path';
import type { Availability } from '#engine';
import type { EngineContestantOptions, PyTorchContestantOptions, PyTorchLayout } from './messages.js';
import { PEER_SCRIPT, type PyTorchPeer } from './pytorch-peer.js';
import type { Entrant } from './race.js';

/** Beside this file and of its kind: JavaScript in a build, TypeScript where tests run the sources. */
const ENGINE_PROCESS = join(import.meta.dirname, `engine-contestant.process${extname(import.meta.filename)}`);

/** A workload that was written to a folder. */
export interface WrittenWork {
  readonly work: string;
  readonly folder: string;
}

export interface Engine {
  readonly executor: string;
  readonly provider: string;
}

/** The engine whose speed the goals are about, and the measure of everyone's losses. */
export const MAIN_ENGINE: Engine = { executor: 'onnxruntime', provider: 'cpu' };

/** No engine for training, but always there to compare losses with. */
export const REFERENCE: Engine = { executor: 'reference', provider: 'javascript' };

export const nameOfEngine = ({ executor, provider }: Engine): string => `${executor} ${provider}`;

export function engineEntrant({ work, folder }: WrittenWork, engine: Engine, threads: number): Entrant {
  const options: EngineContestantOptions = { folder, ...engine, threads };
  return {
    work,
    name: nameOfEngine(engine),
    file: process.execPath,
    args: [ENGINE_PROCESS, JSON.stringify(options)],
    optional: engine !== MAIN_ENGINE,
  };
}

/** The other engines that run here. */
export function otherEngines(found: readonly Availability[]): Engine[] {
  return found
    .filter(({ available, executor }) => available && executor !== REFERENCE.executor)
    .map(({ executor, provider }) => ({ executor, provider }))
    .filter((engine) => nameOfEngine(engine) !== nameOfEngine(MAIN_ENGINE));
}

export function pyTorchEntrant(
  { work, folder }: WrittenWork,
  peer: PyTorchPeer,
  options: { layout: PyTorchLayout; device: 'cpu' | 'cuda'; threads: number },
): Entrant {
  const argument: PyTorchContestantOptions = { folder, ...options };
  return {
    work,
    name: `PyTorch ${peer.torch} ${options.device} ${options.layout}`,
    file: peer.file,
    args: [PEER_SCRIPT, JSON.stringify(argument)],
    optional: options.device === 'cuda',
  };
}
