import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Loading half a gigabyte from a cold disk takes its time. */
const TIMEOUT_MS = 120_000;

const SCRIPT = `
process.env.TF_CPP_MIN_LOG_LEVEL = '3';
const tf = require(process.argv[1]);
const { isUsingGpuDevice, binding } = tf.backend();
const found = { version: tf.version['tfjs-node'], library: binding.TF_Version, gpu: isUsingGpuDevice };
process.stdout.write(JSON.stringify(found));
`;

export interface TensorFlowDescription {
  /** Of the package. */
  readonly version: string;
  /** TensorFlow's own version. */
  readonly library: string;
  readonly gpu: boolean;
}

/**
 * Loads one of the packages in a process of its own, since a library once loaded stays and two of them do not go
 * together.
 * @throws Error with the first line of what the loading process had to say.
 */
export async function describeTensorFlow(folder: string): Promise<TensorFlowDescription> {
  try {
    const { stdout } = await run(process.execPath, ['-e', SCRIPT, folder], { timeout: TIMEOUT_MS });
    return JSON.parse(stdout) as TensorFlowDescription;
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new Error(/^\w*Error: (.*)$/m.exec(stderr)?.[1] ?? (error as Error).message, { cause: error });
  }
}
