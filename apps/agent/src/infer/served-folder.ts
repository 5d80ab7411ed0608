import { isDeepStrictEqual } from 'node:util';
import {
  BundleFolder,
  DeviceRuntime,
  imageSizeOf,
  kernelClocks,
  type FolderContents,
  type Inference,
  type RuntimeOptions,
  type StoredBundle,
} from '#edge';

export interface ServeOptions extends Pick<
  RuntimeOptions,
  'operatingPoint' | 'threads' | 'prepare' | 'onUnprepared' | 'openSession' | 'onSwitch' | 'onSwitchFailed'
> {
  /** Where the kernel shows the clocks that are followed; left out: none are. */
  readonly followIn?: string | undefined;
}

interface Opened {
  readonly contents: FolderContents;
  readonly stored: StoredBundle;
}

/** The model in a folder, as it is there at the moment. */
export class ServedFolder {
  #runtime: DeviceRuntime;
  /** What the runtime serves, which is not what the folder holds after a change that failed. */
  #contents: FolderContents;
  #imageSize: number;
  /** Digests of addenda that the runtime has; one that the folder drops later stays. */
  #applied: Set<string>;

  private constructor(
    private readonly folder: BundleFolder,
    private readonly options: ServeOptions,
    runtime: DeviceRuntime,
    { contents, stored }: Opened,
  ) {
    this.#runtime = runtime;
    this.#contents = contents;
    this.#imageSize = imageSizeOf(stored);
    this.#applied = new Set(contents.addenda);
  }

  /** @throws Error when nothing is there; BundleError, RangeError and SwitchError as DeviceRuntime.open does */
  static async open(path: string, options: ServeOptions): Promise<ServedFolder> {
    const folder = new BundleFolder(path);
    const opened = await readWhole(folder);
    const runtime = await openRuntime(opened.stored, options.operatingPoint, options);
    return new ServedFolder(folder, options, runtime, opened);
  }

  /** Values of one image. */
  get imageSize(): number {
    return this.#imageSize;
  }

  infer(image: Float32Array): Promise<Inference> {
    return this.#runtime.infer(image);
  }

  /**
   * Takes in what was changed in the folder: another deployment or more addenda in place, another bundle as a runtime of its own, which
   * takes over when it is loaded.
   * @returns whether anything was
   * @throws as `open` does, and the model before goes on; the next call tries again
   */
  async refresh(): Promise<boolean> {
    const seen = await this.folder.contents();
    if (seen === undefined || isDeepStrictEqual(seen, this.#contents)) return false;
    const opened = await readWhole(this.folder);
    if (this.#contents.bundle === opened.contents.bundle) await this.#update(opened);
    else await this.#replace(opened);
    return true;
  }

  close(): Promise<void> {
    return this.#runtime.close();
  }

  async #update({ contents, stored }: Opened): Promise<void> {
    const addenda = stored.addenda.filter((_, index) => !this.#applied.has(contents.addenda[index]!));
    await this.#runtime.update({ addenda, points: stored.points });
    for (const digest of contents.addenda) this.#applied.add(digest);
    this.#contents = contents;
  }

  async #replace({ contents, stored }: Opened): Promise<void> {
    const { operatingPoint } = this.#runtime;
    const isThere = stored.points.some(({ name }) => name === operatingPoint);
    const next = await openRuntime(stored, isThere ? operatingPoint : undefined, this.options);
    const before = this.#runtime;
    this.#runtime = next;
    this.#imageSize = imageSizeOf(stored);
    this.#applied = new Set(contents.addenda);
    this.#contents = contents;
    await before.close();
  }
}

/** Files and what names them, of the same moment. */
async function readWhole(folder: BundleFolder): Promise<Opened> {
  for (;;) {
    const before = await folder.contents();
    const stored = await folder.read();
    const contents = await folder.contents();
    if (contents && isDeepStrictEqual(before, contents)) return { contents, stored };
  }
}

async function openRuntime(
  stored: StoredBundle,
  operatingPoint: string | undefined,
  { followIn, ...options }: ServeOptions,
): Promise<DeviceRuntime> {
  const at = operatingPoint === undefined ? {} : { operatingPoint };
  const runtime = await DeviceRuntime.open({ ...options, ...stored, ...at });
  try {
    if (followIn !== undefined) runtime.follow(kernelClocks(followIn));
    return runtime;
  } catch (error) {
    await runtime.close();
    throw error;
  }
}
