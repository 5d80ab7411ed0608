import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Deployment } from '#contracts';
import { BundleFolder } from '#edge';
import { deployVersion, publishBundle, temporaryFolder, type PublishedBundle, type RatioAt } from '#testkit';
import type { PullOptions } from '../../apps/agent/src/pull/pull-command.js';
import { runPull } from '../../apps/agent/src/pull/run-pull.js';
import { startTestApi, type TestApi } from '../../apps/api/src/testing/test-api.js';
import { UnreliableProxy } from './unreliable-proxy.js';

const RATIO_AT: RatioAt = { fast: 0, slow: 0.5 };

/** What a command has said, line by line. */
export class Said {
  out = '';
  err = '';
  readonly streams = {
    out: (text: string): void => void (this.out += text),
    err: (text: string): void => void (this.err += text),
  };

  /** Of JSON lines. */
  get lines(): any[] {
    return this.out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }
}

/** An API behind a proxy, a version with its deployment on a device, and a folder to pull into. */
export class PullingWorld {
  published!: PublishedBundle;
  deployment!: Deployment;
  key!: string;
  folder!: BundleFolder;
  #temporary!: Awaited<ReturnType<typeof temporaryFolder>>;

  private constructor(
    readonly api: TestApi,
    readonly proxy: UnreliableProxy,
  ) {}

  static async start(): Promise<PullingWorld> {
    const api = await startTestApi();
    return new PullingWorld(api, await UnreliableProxy.start(api.url));
  }

  /** Another model, device and folder. */
  async renew(): Promise<void> {
    const { storage, actor } = this.api.store;
    this.published = await publishBundle(storage, actor);
    this.deployment = await deployVersion(storage, this.published.version, RATIO_AT);
    this.key = await this.api.keyOf(actor, 'device', this.deployment.deviceId);
    await this.point('production', 1);
    this.#temporary = await temporaryFolder('pull');
    this.folder = new BundleFolder(path.join(this.#temporary.path, 'model'));
    this.proxy.seen.length = 0;
    this.proxy.troubles.clear();
  }

  get model(): string {
    return this.published.version.model;
  }

  point(alias: string, version: number) {
    return this.api.put(`/v1/models/${this.model}/aliases/${alias}`, { version });
  }

  options(changes: Partial<PullOptions> = {}): PullOptions {
    return {
      ...{ reference: { model: this.model, alias: 'production' }, folder: this.folder.folder },
      ...{ server: new URL(this.proxy.url), device: this.deployment.deviceId, apiKey: this.key },
      ...{ dataDir: path.join(this.#temporary.path, 'data'), watch: undefined, json: true },
      ...changes,
    };
  }

  /** Pulls once. @returns what it said */
  async pull(changes: Partial<PullOptions> = {}): Promise<any> {
    const said = new Said();
    await runPull(this.options(changes), said.streams, new AbortController().signal);
    return said.lines[0];
  }

  /** A file of its own in the folder beside the model. */
  async fileOf(name: string, content: string | Uint8Array): Promise<string> {
    const file = path.join(this.#temporary.path, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  }

  removeFolder(): Promise<void> {
    return this.#temporary.remove();
  }

  async close(): Promise<void> {
    await this.proxy.stop();
    await this.api.close();
  }
}
