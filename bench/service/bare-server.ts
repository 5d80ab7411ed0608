import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '#runtime';
import { startEmbeddedPostgres } from '#storage';
import type { BenchRow } from '../benchmark.js';
import type { BareServerOrder } from './bare-server.process.js';
import { startChild } from './child.js';
import { spreadOf } from './quantile.js';
import type { ServiceScale } from './scale.js';
import { perSecond, submitted } from './submissions.js';

/** What the same clients get from a server that does nothing but insert what they send, with a PostgreSQL of the same kind. */
export async function bareServerRow(scale: ServiceScale): Promise<BenchRow> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'isochron-bare-'));
  const database = await startEmbeddedPostgres({ folder });
  try {
    const order: BareServerOrder = { port: await freePort(), databaseUrl: database.url };
    const server = startChild<never>('bare-server', order);
    try {
      await server.ready;
      const target = { url: `http://127.0.0.1:${order.port}`, headers: {}, datasetId: '' };
      const result = await submitted(target, { ...scale, keyed: false });
      const detail = { refused: result.refused, timesMs: spreadOf(result.timesMs) };
      return { name: 'bare_insert_per_s', value: perSecond(result), unit: 'requests/s', detail };
    } finally {
      server.stop();
    }
  } finally {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** How many submissions the service takes for each request that the bare server takes. */
export function shareOfBareServer(rows: readonly BenchRow[], bare: BenchRow): BenchRow[] {
  return rows
    .filter(({ name }) => name.startsWith('submit_per_s_'))
    .map(({ name, value }) => {
      const share = { value: value / bare.value, unit: 'x', detail: {} };
      return { name: name.replace('per_s', 'share_of_bare_insert'), ...share };
    });
}
