interface Engine {
  readonly executor: string;
  readonly provider: string;
  readonly available: boolean;
}

const bindsTensorFlow = ({ executor, provider, available }: Engine) =>
  available && executor === 'tfjs' && provider.startsWith('tensorflow');

/**
 * The engines that one process can open: of the two TensorFlows it takes the first, whose library stays loaded. Says on
 * stderr which one it leaves out.
 */
export function withOneTensorFlow<E extends Engine>(engines: readonly E[]): E[] {
  const [first, ...others] = engines.filter(bindsTensorFlow);
  for (const { provider } of others) {
    process.stderr.write(
      `tfjs ${provider} is not tested here: a process that has ${first!.provider} cannot open it\n`,
    );
  }
  return engines.filter((engine) => !others.includes(engine));
}
