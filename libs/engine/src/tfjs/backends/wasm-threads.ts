import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const require = createRequire(import.meta.url);
const BUILD = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd';
/** Where the worker's script fetches the main script, from a Blob: a thing that workers of Node.js cannot do. */
const FROM_BLOB = 'if(typeof e.data.urlOrBlob=="string"){';

/**
 * Starts what creates the threaded build of TensorFlow.js' wasm backend, which upstream leaves off in Node.js
 * (tensorflow/tfjs#3830): its workers get a script from a file in place of a Blob, and the machine is made to look as if
 * it had twice the threads, since the build takes half of the processors for its limit. Both only while it starts.
 */
export async function withThreads<T>(threads: number, start: () => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tfjs-wasm-'));
  const script = path.join(folder, 'worker.cjs');
  writeFileSync(script, workerScript());
  const original = Object.getOwnPropertyDescriptor(URL, 'createObjectURL')!;
  const createObjectURL = URL.createObjectURL.bind(URL);
  const { cpus } = os;
  URL.createObjectURL = (object) =>
    object.type === 'application/javascript' ? script : createObjectURL(object);
  os.cpus = () => {
    const all = cpus();
    return Array.from({ length: Math.max(all.length, 2 * threads) }, (_, i) => all[i % all.length]!);
  };
  try {
    return await start();
  } finally {
    Object.defineProperty(URL, 'createObjectURL', original);
    os.cpus = cpus;
    rmSync(folder, { recursive: true });
  }
}

/** Loads the threaded build by its path. */
function workerScript(): string {
  const { wasmWorkerContents } = require(`${BUILD}.worker.js`) as { wasmWorkerContents: string };
  if (!wasmWorkerContents.includes(FROM_BLOB)) {
    throw new Error('@tensorflow/tfjs-backend-wasm has a worker script that this version does not know');
  }
  const main = JSON.stringify(require.resolve(`${BUILD}.js`));
  // Line breaks within its strings are written out: the package keeps the script as a string itself.
  const contents = wasmWorkerContents.replaceAll('\n', '\\n');
  return contents.replace(FROM_BLOB, `if(true){importScripts(${main})}else ${FROM_BLOB}`);
}
