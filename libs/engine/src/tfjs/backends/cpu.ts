import type { TfjsBackend } from './backend.js';
import { COMMON_OPS } from '../ops/op-table.js';

/** TensorFlow.js in plain JavaScript: slow, runs anywhere. */
export async function openCpu(): Promise<TfjsBackend> {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-cpu');
  // Not a production mode so much as a quiet one: no advice on the console.
  tf.enableProdMode();
  await tf.setBackend('cpu');
  return { tf, name: 'cpu', ops: COMMON_OPS, version: tf.version_core, threads: 1, losesNaN: false };
}
