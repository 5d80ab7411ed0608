import { Readable } from 'node:stream';
import { ONNX_OPSET } from '#bundle';
import type { ExportedSubnet, SubnetExports, SubnetOrder } from '#registry';
import type { ArtifactStore } from '#storage';
import { ExportThread } from './export-thread.js';

/** Orders whose files are known; the files themselves are among the artifacts. */
const REMEMBERED = 1000;
/** What is hashed and written at a time. */
const PIECE_BYTES = 2 ** 20;

/**
 * Files of subnets among the artifacts. They are made when they are first asked for, one at a time, and again where they are gone: they
 * are a cache, to which nothing refers that could not be had again.
 */
export class StoredExports implements SubnetExports {
  readonly onnxOpset = ONNX_OPSET;
  private readonly known = new Map<string, ExportedSubnet>();
  private readonly making = new Map<string, Promise<ExportedSubnet>>();
  private last: Promise<unknown> = Promise.resolve();
  private readonly thread: ExportThread;

  /** @param execArgv options of Node for the thread that makes the files; default: those of this process */
  constructor(
    private readonly artifacts: Pick<ArtifactStore, 'find' | 'open' | 'putStream'>,
    execArgv?: readonly string[],
  ) {
    this.thread = new ExportThread(execArgv);
  }

  async export(order: SubnetOrder): Promise<ExportedSubnet> {
    const key = JSON.stringify(keyOf(order));
    const known = this.known.get(key);
    if (known !== undefined && (await this.artifacts.find(known.digest)) !== undefined) return known;
    const making = this.making.get(key) ?? this.begin(key, order);
    return making;
  }

  close(): Promise<void> {
    return this.thread.close();
  }

  /** One after the other: each holds a bundle in memory. */
  private begin(key: string, order: SubnetOrder): Promise<ExportedSubnet> {
    const make = () => this.make(order);
    const made = this.last.then(make, make);
    this.last = made.catch(() => {});
    const remembered = made
      .then((exported) => this.remember(key, exported))
      .finally(() => this.making.delete(key));
    this.making.set(key, remembered);
    return remembered;
  }

  private async make({
    bundle,
    addendum,
    ratio,
    target,
    model,
    version,
  }: SubnetOrder): Promise<ExportedSubnet> {
    const file = await this.thread.file({
      bundle: await this.read(bundle),
      ...(addendum !== undefined && { addendum: await this.read(addendum) }),
      ...{ ratio, target, published: { model, version: String(version) } },
    });
    return this.artifacts.putStream(Readable.from(piecesOf(file)));
  }

  /** Not checked by the file's SHA-256 on this thread: the other one checks the digest that the file carries. */
  private async read(digest: string): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await this.artifacts.open(digest)) chunks.push(chunk as Uint8Array);
    const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  private remember(key: string, exported: ExportedSubnet): ExportedSubnet {
    this.known.set(key, exported);
    if (this.known.size > REMEMBERED) this.known.delete(this.known.keys().next().value!);
    return exported;
  }
}

/** In an order of their own, and without what does not matter for the format. */
function keyOf({ model, version, ratio, bundle, addendum, target }: SubnetOrder): unknown[] {
  const { format, batch, batchNorm } = target;
  return [model, version, ratio, bundle, addendum, format, format === 'onnx' ? batch : undefined, batchNorm];
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
