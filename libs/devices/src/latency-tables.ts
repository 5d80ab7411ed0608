import { notFound, type Actor, type LatencyTable, type Page, type PageQuery } from '#contracts';
import type { LatencyTableRepository } from './latency-table-repository.port.js';

/** Measured latencies, read only: completing a measuring task is what makes a table. */
export class LatencyTables {
  constructor(private readonly tables: LatencyTableRepository) {}

  /** @throws AppError not_found */
  async get(actor: Actor, latencyTableId: string): Promise<LatencyTable> {
    const table = await this.tables.find(actor, latencyTableId);
    if (table === undefined) throw notFound('latency table', latencyTableId);
    return table;
  }

  listForDevice(actor: Actor, deviceId: string, query: PageQuery): Promise<Page<LatencyTable>> {
    return this.tables.listForDevice(actor, deviceId, query);
  }
}
