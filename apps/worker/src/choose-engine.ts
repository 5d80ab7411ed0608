import { AppError, isGpuProvider, type EngineChoice, type WorkerDevice } from '#contracts';
import { defaultEngine, type Availability } from '#engine';
import type { KnownEngines } from './known-engines.js';
import type { TrainingOrder } from './training-messages.js';

type Engine = Omit<TrainingOrder['engine'], 'threads'>;

/**
 * The executor and provider of a training: those that the job names, where it names any, else the best that there is.
 * @param engines what this machine has, and has not
 * @throws AppError engine_unavailable saying why the machine has it not, and what to install
 */
export function chooseEngine(choice: EngineChoice, engines: readonly Availability[]): Engine {
  const { executor, provider } = choice;
  const fitting = engines.filter(
    (engine) =>
      (executor === undefined || engine.executor === executor) &&
      (provider === undefined || engine.provider === provider),
  );
  // Named in full it may be one that nobody gets by default: a driver that stands in for a graphics card.
  const named = executor !== undefined && provider !== undefined;
  if (named && fitting.some(({ available }) => available)) return { executor, provider };
  if (named || !fitting.some(isUsual)) throw new AppError('engine_unavailable', whyNot(choice, fitting));
  const found = defaultEngine(fitting);
  return { executor: found.executor as Engine['executor'], provider: found.provider };
}

const isUsual = ({ available, fallback, executor }: Availability): boolean =>
  available && !fallback && executor !== 'reference';

/** A passing failure of a probe is no reason to refuse a job. */
const REFUSED_BY_MS = 1000;

/**
 * Chooses as {@link chooseEngine} does, and asks the machine once more before it refuses.
 * @param device what the engine is to run on, where that matters
 * @throws as it does
 */
export async function chooseKnownEngine(
  choice: EngineChoice,
  known: KnownEngines,
  device?: WorkerDevice,
): Promise<Engine> {
  const on = (engines: readonly Availability[]) =>
    engines.filter(({ provider }) => device === undefined || isGpuProvider(provider) === (device === 'gpu'));
  try {
    return chooseEngine(choice, on(await known()));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return chooseEngine(choice, on(await known(REFUSED_BY_MS)));
  }
}

function whyNot({ executor, provider }: EngineChoice, fitting: readonly Availability[]): string {
  const wanted = [executor ?? 'any executor', provider && `provider ${provider}`].filter(Boolean).join(', ');
  const reasons = fitting.map((engine) =>
    [`${engine.executor} ${engine.provider}: ${engine.reason ?? 'not available'}`, engine.install]
      .filter(Boolean)
      .join('; '),
  );
  return `this worker has no engine for ${wanted} (${reasons.join(' | ') || 'it is not part of this build'})`;
}
