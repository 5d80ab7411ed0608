import type { Actor, LatencyTable, Page, PageQuery } from '#contracts';

/** Latency tables are written by MeasuringTaskRepository.complete and never change. */
export interface LatencyTableRepository {
  find(actor: Actor, latencyTableId: string): Promise<LatencyTable | undefined>;
  /** Newest first. */
  listForDevice(actor: Actor, deviceId: string, query: PageQuery): Promise<Page<LatencyTable>>;
}
