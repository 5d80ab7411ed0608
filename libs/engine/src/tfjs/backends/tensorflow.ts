import { createRequire } from 'node:module';
import path from 'node:path';
import { ExecutorError } from '../../executor.js';
import type { Tf } from '../ops/kernels.js';
import { tensorFlowOps, type TensorFlowBinding } from '../ops/tensorflow-ops.js';
import type { TfjsBackend } from './backend.js';
import { TENSORFLOW_PACKAGES, findTensorFlow, type TensorFlowProvider } from './find-tensorflow.js';
import { OpenedOnce } from './opened-once.js';

const opened = new OpenedOnce('tensorflow');

/**
 * TensorFlow's own kernels through one of the optional packages. A process has one of them.
 * @throws ExecutorError when it was opened with another package or number of threads.
 */
export function openTensorFlow(provider: TensorFlowProvider, threads: number): Promise<TfjsBackend> {
  return opened.open(`provider ${provider}, threads: ${threads}`, () =>
    Promise.resolve(start(provider, threads)),
  );
}

function start(provider: TensorFlowProvider, threads: number): TfjsBackend {
  const folder = findTensorFlow(TENSORFLOW_PACKAGES[provider]);
  if (!folder) throw new ExecutorError(`tfjs: ${TENSORFLOW_PACKAGES[provider].name} is not installed`);
  configure(threads);
  const require = createRequire(path.join(folder, 'package.json'));
  const tf = require(folder) as Tf & { version: Readonly<Record<string, string>> };
  tf.enableProdMode();
  const ops = tensorFlowOps(tf.backend() as unknown as TensorFlowBinding);
  return { tf, name: 'tensorflow', ops, version: tf.version['tfjs-node']!, threads, losesNaN: false };
}

/** TensorFlow reads these while it is loaded, and has no other way to be told. */
function configure(threads: number): void {
  // eslint-disable-next-line no-restricted-properties -- written for a library, nothing of ours is read from it
  Object.assign(process.env, { TF_NUM_INTRAOP_THREADS: String(threads), TF_CPP_MIN_LOG_LEVEL: '2' });
}
