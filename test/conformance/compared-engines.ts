import { createExecutor, probeEngines, type Availability, type Executor } from '#engine';

export interface ComparedEngine {
  /** Executor and provider. */
  readonly name: string;
  /** A CPU stands in for a graphics card, or plain JavaScript for native code: deep nets would take hours. */
  readonly slow: boolean;
  readonly create: () => Promise<Executor>;
}

/** What losses are compared with: available everywhere, and fast. */
export const baseline = (): Promise<Executor> => createExecutor('onnxruntime', { provider: 'cpu' });

/** The engines of this machine but for the baseline and the reference, and the names of those it lacks. */
export async function comparedEngines(): Promise<{ engines: ComparedEngine[]; absent: string[] }> {
  const found = (await probeEngines()).filter(
    ({ executor, provider }) =>
      executor !== 'reference' && !(executor === 'onnxruntime' && provider === 'cpu'),
  );
  return {
    engines: found.filter(({ available }) => available).map(comparedEngine),
    absent: found.filter(({ available }) => !available).map(nameOf),
  };
}

const nameOf = ({ executor, provider }: Availability) => `${executor} ${provider}`;

function comparedEngine(engine: Availability): ComparedEngine {
  const { executor, provider, fallback = false } = engine;
  return {
    name: nameOf(engine),
    slow: fallback || (executor === 'tfjs' && provider === 'cpu'),
    create: () => createExecutor(executor, { provider }),
  };
}
