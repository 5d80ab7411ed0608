import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BenchRow } from '../benchmark.js';
import { GOALS } from '../goals.js';
import { median } from '../median.js';
import { startChild } from '../service/child.js';
import { quantile, spreadOf } from '../service/quantile.js';
import { startEmptyService, type EmptyService } from '../service/running-service.js';
import { writeBundles, type BundleSize } from './bundle-files.js';
import type { FleetOrder, FleetResult } from './fleet.process.js';
import type { TransfersOrder, TransfersResult } from './transfers.process.js';

/** How much is sent. */
export interface TransfersScale {
  readonly size: BundleSize;
  readonly rounds: number;
  readonly firstBytes: number;
  readonly devices: number;
  readonly breaking: number;
}

export const FULL_TRANSFERS: Omit<TransfersScale, 'rounds'> = {
  ...{ size: 'large', firstBytes: 200, devices: 100, breaking: 10 },
};
export const QUICK_TRANSFERS: Omit<TransfersScale, 'rounds'> = {
  ...{ size: 'small', firstBytes: 5, devices: 8, breaking: 3 },
};

const MODEL = 'transfers';

/** In the detail of the rows of shares. */
export interface TransfersDetail extends Omit<TransfersResult, 'firstByteMs'> {
  readonly bytes: number;
  readonly apiRssMb: number;
}

/** Bundles on their way to the registry and from it, beside copies of the same files, and a fleet that fetches one at once. */
export async function transferRows(scale: TransfersScale, say: (text: string) => void): Promise<BenchRow[]> {
  say('starting the registry');
  const service = await startEmptyService('postgres');
  // Beside the service's folder, and so in the same file system.
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'isochron-bench-'));
  try {
    await makeModel(service);
    say(`writing ${scale.rounds + 1} bundles`);
    const files = await writeBundles(folder, scale.size, scale.rounds + 1);
    return [...(await turnRows({ service, files, scale, say })), await fleetRow({ service, scale, say })];
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
    await service.close();
  }
}

interface Part {
  readonly service: EmptyService;
  readonly scale: TransfersScale;
  readonly say: (text: string) => void;
}

async function turnRows({
  service,
  files,
  scale,
  say,
}: Part & { readonly files: readonly string[] }): Promise<BenchRow[]> {
  const { url, headers } = service;
  const order: TransfersOrder = { url, headers, model: MODEL, files, firstBytes: scale.firstBytes };
  say(`copying, publishing and fetching, ${scale.rounds} rounds, then ${scale.firstBytes} first bytes`);
  const { firstByteMs, ...times } = await resultOf<TransfersResult>('transfers', order);
  const { size: bytes } = await fs.stat(files[0]!);
  const detail: TransfersDetail = { ...times, bytes, apiRssMb: await service.apiMemoryMb() };
  const share = (name: string, of: readonly number[], with_: readonly number[]): BenchRow => ({
    ...{ name, value: median(of) / median(with_), unit: 'times' },
    detail: { ...detail },
  });
  const { copyMs, hashedCopyMs, publishMs, fetchMs } = times;
  return [
    { ...share('publish_share_of_copy', copyMs, publishMs), goal: GOALS.publish_share_of_copy },
    { ...share('fetch_share_of_copy', copyMs, fetchMs), goal: GOALS.fetch_share_of_copy },
    share('publish_share_of_hashed_copy', hashedCopyMs, publishMs),
    share('fetch_share_of_hashed_copy', hashedCopyMs, fetchMs),
    {
      ...{ name: 'first_byte_p50_ms', value: quantile(firstByteMs, 0.5), unit: 'ms' },
      goal: GOALS.first_byte_p50_ms,
      detail: { firstByteMs: spreadOf(firstByteMs) },
    },
  ];
}

async function fleetRow({ service, scale: { devices, breaking }, say }: Part): Promise<BenchRow> {
  const { url, headers } = service;
  const route = `/v1/models/${MODEL}/aliases/production/bundle`;
  const order: FleetOrder = { url, headers, route, devices, breaking };
  say(`${devices} devices fetch a bundle at once, ${breaking} of them in two parts`);
  const { failures, ...fleet } = await resultOf<FleetResult>('fleet', order);
  return {
    ...{ name: 'parallel_fetch_failures', value: failures.length, unit: 'devices' },
    goal: GOALS.parallel_fetch_failures,
    detail: { devices, breaking, ...fleet, failures, apiRssMb: await service.apiMemoryMb() },
  };
}

async function makeModel({ url, headers }: EmptyService): Promise<void> {
  const response = await fetch(new URL('/v1/models', url), {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ name: MODEL }),
  });
  if (response.status !== 201) throw new Error(`making the model answered ${response.status}`);
}

const resultOf = <Result>(name: string, order: object): Promise<Result> =>
  startChild<Result>(name, order, { folder: import.meta.dirname }).result;
