import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Tensor } from '#graph';
import { partsOf, type Workload } from './workload.js';

const DESCRIPTION = 'workload.json';
const VALUES = 'tensors.bin';

interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
  /** Values before it in tensors.bin. */
  readonly offset: number;
}

/** Writes a workload for programs of any language: workload.json, and its tensors as float32 of this machine's byte order. */
export async function writeWorkload(
  folder: string,
  workload: Workload,
  tensors: Readonly<Record<string, Tensor>>,
): Promise<void> {
  const entries: TensorEntry[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    entries.push({ name, shape, offset });
    offset += data.length;
  }
  const values = new Float32Array(offset);
  entries.forEach((entry) => values.set(tensors[entry.name]!.data, entry.offset));
  await writeFile(path.join(folder, VALUES), new Uint8Array(values.buffer));
  const description = { ...workload, parts: partsOf(workload), tensors: entries };
  await writeFile(path.join(folder, DESCRIPTION), JSON.stringify(description));
}

/** Reads what `writeWorkload` wrote. */
export async function readWorkload(
  folder: string,
): Promise<{ workload: Workload; tensors: Record<string, Tensor> }> {
  const description = JSON.parse(await readFile(path.join(folder, DESCRIPTION), 'utf8')) as Workload & {
    readonly tensors: readonly TensorEntry[];
  };
  const bytes = await readFile(path.join(folder, VALUES));
  const values = new Float32Array(Uint8Array.from(bytes).buffer);
  const tensors = description.tensors.map(({ name, shape, offset }) => {
    const size = shape.reduce((product, side) => product * side, 1);
    return [name, { shape, data: values.slice(offset, offset + size) }] as const;
  });
  return { workload: description, tensors: Object.fromEntries(tensors) };
}
