import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { summarise } from '#calibration';
import { newAudit, type Device, type SampledLatencyCell } from '#contracts';
import { createLogger } from '#runtime';
import { wireService } from '#service';
import {
  DEFAULT_TEAM_ID,
  deployMigrations,
  openStorage,
  startEmbeddedPostgres,
  type Storage,
} from '#storage';
import { startApi } from '../../apps/api/src/create-app.js';
import { openWebhooks } from '../../apps/api/src/webhooks/open-webhooks.js';
import { apiMetrics } from '../../apps/api/src/metrics/api-metrics.js';

/** How much is measured before anything is asked. */
export interface TablesScale {
  readonly devices: number;
  readonly operatingPoints: number;
  readonly ratios: number;
  readonly samplesPerCell: number;
}

/** The HTTP API over an embedded PostgreSQL, with a latency table of every device. */
export interface FilledService {
  readonly url: string;
  /** What requests carry. */
  readonly headers: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly devices: readonly Device[];
  readonly tableIds: readonly string[];
  close(): Promise<void>;
}

const ACTOR = { teamId: DEFAULT_TEAM_ID, owner: 'benchmark' };

export const pointName = (index: number): string => `point-${index}`;
export const ratioOf = (index: number): number => index * 0.09;

/** Closes what was opened, the last first, also when opening fails half way. */
export async function openFilledService(
  scale: TablesScale,
  say: (text: string) => void,
): Promise<FilledService> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const step of closing.reverse().splice(0)) await step();
  };
  try {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'isochron-latency-tables-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    const server = await startEmbeddedPostgres({ folder: path.join(folder, 'database') });
    closing.push(() => server.stop());
    await deployMigrations(server.url);
    const storage = await openStorage({
      ...{ databaseUrl: server.url, artifactsUrl: path.join(folder, 'artifacts') },
      onError: (error) => say(`database: ${error.message}`),
    });
    closing.push(() => storage.close());
    say(`writing tables of ${scale.devices} devices`);
    const filled = await fill(storage, scale);
    const logger = createLogger('api', 'error');
    const service = wireService(storage);
    const { key } = await service.apiKeys.create(ACTOR, { name: ACTOR.owner, role: 'admin' });
    const parts = {
      service,
      webhooks: openWebhooks(storage, { allowPrivateAddresses: false, logger }).service,
      queue: { kind: 'postgres' as const, health: () => Promise.resolve() },
      uploads: { folder: path.join(folder, 'uploads') },
      metrics: apiMetrics({
        storage,
        logger,
        queue: { counts: () => Promise.resolve([]) },
        workers: () => Promise.resolve([]),
      }),
      logger,
    };
    const api = await startApi(parts, { host: '127.0.0.1', port: 0 });
    closing.push(() => api.close());
    return { url: api.url, headers: { authorization: `Bearer ${key}` }, folder, ...filled, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function fill(
  storage: Storage,
  scale: TablesScale,
): Promise<Pick<FilledService, 'devices' | 'tableIds'>> {
  const devices: Device[] = [];
  const tableIds: string[] = [];
  const cells = cellsOf(scale);
  for (let index = 0; index < scale.devices; index++) {
    const device = deviceOf(index, scale);
    await storage.devices.create(device);
    devices.push(device);
    const table = {
      ...newAudit(ACTOR, randomUUID(), new Date()),
      ...{ deviceId: device.id, purpose: 'profile' as const, emulated: false, marks: [], markCount: 0 },
      source: {
        kind: 'imported' as const,
        format: 'csv' as const,
        files: [{ name: 'cells.csv', digest: 'a'.repeat(64), bytes: 1 }],
      },
      cellCount: cells.length,
      sampleCount: cells.length * scale.samplesPerCell,
      cells,
    };
    await storage.latencyTables.create(table);
    tableIds.push(table.id);
  }
  return { devices, tableIds };
}

function deviceOf(index: number, { operatingPoints }: TablesScale): Device {
  return {
    ...newAudit(ACTOR, randomUUID(), new Date()),
    ...{ name: `device-${index}`, model: 'Phone', labels: { lab: 'north' } },
    operatingPoints: Array.from({ length: operatingPoints }, (_, point) => {
      return { name: pointName(point), cpuHz: (point + 1) * 100_000_000, order: point };
    }),
  };
}

function cellsOf({ operatingPoints, ratios, samplesPerCell }: TablesScale): SampledLatencyCell[] {
  return Array.from({ length: operatingPoints * ratios }, (_, index) => {
    const point = Math.floor(index / ratios);
    const ratio = ratioOf(index % ratios);
    const samplesMs = Array.from({ length: samplesPerCell }, (_, i) => latencyMs(point, ratio, i));
    return {
      ...{ index, operatingPoint: pointName(point), ratio, sampleCount: samplesPerCell, samplesMs },
      summary: summarise(samplesMs),
      provenance: {
        ...{ kind: 'imported' as const, format: 'csv' as const, file: 'cells.csv', threads: 1, batch: 1 },
        lines: { first: 2, last: 1_000_000 },
      },
    };
  });
}

/** Falls with clock and ratio; the samples of a cell differ in their last digits as measured ones do. */
export function latencyMs(point: number, ratio: number, sample: number): number {
  return (200 / (point + 1)) * (1 - 0.9 * ratio) * (1 + ((sample * 7919) % 1009) / 50_000);
}
