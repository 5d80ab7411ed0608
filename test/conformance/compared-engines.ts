import { createExecutor, probeEngines, type Availability, type Executor } from '#engine';
import { withOneTensorFlow } from '#testkit';

export interface ComparedEngine {
  /** Executor and provider. */
  readonly name: string;
  /** A CPU stands in for a graphics card, or plain JavaScript for native code: deep nets would take hours. */
  readonly slow: boolean;
  readonly create: () => Promise<Executor>;
}

/** What losses are compared with: available everywhere, and fast. */
export const baseline = (): Promise<Executor> => createExecutor('onnxruntime', { provider: 'cpu' });

/** The engines of this machine but for the baseline and the reference; says on stderr which ones it lacks. */
export async function comparedEngines(): Promise<ComparedEngine[]> {
  const found = (await probeEngines()).filter(
    ({ executor, provider }) =>
      executor !== 'reference' && !(executor === 'onnxruntime' && provider === 'cpu'),
  );
  const absent = found.filter(({ available }) => !available).map(nameOf);
  if (absent.length > 0) {
    process.stderr.write(`whole nets: not compared on ${absent.join(', ')} (npm run engines says why)\n`);
  }
  return withOneTensorFlow(found.filter(({ available }) => available)).map(comparedEngine);
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
