import type { Tf, OpTable } from '../ops/kernels.js';

/** A backend of TensorFlow.js that is set up and ready in this process. */
export interface TfjsBackend {
  readonly tf: Tf;
  /** Its name within TensorFlow.js. */
  readonly name: 'tensorflow' | 'wasm' | 'cpu';
  readonly ops: OpTable;
  readonly version: string;
  readonly threads: number;
  /** Some of its kernels turn a NaN into a number or an infinity, and what comes after may lose that too. */
  readonly losesNaN: boolean;
}
