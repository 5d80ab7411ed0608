import type {
  Actor,
  LatencyTable,
  LatencyTableHeader,
  ListLatencyTables,
  Page,
  SampledLatencyCell,
} from '#contracts';

/** A table that is not stored yet: its cells have their samples, and its version is the repository's to count. */
export interface NewLatencyTable extends Omit<LatencyTableHeader, 'version'> {
  readonly cells: readonly SampledLatencyCell[];
}

/** Latency tables never change. Those of measuring tasks are written by MeasuringTaskRepository.complete. */
export interface LatencyTableRepository {
  /** Stores the table as the device's next version, or nothing; tables of one device at the same time take turns. */
  create(table: NewLatencyTable): Promise<LatencyTableHeader>;
  find(actor: Actor, latencyTableId: string): Promise<LatencyTable | undefined>;
  findCell(actor: Actor, latencyTableId: string, index: number): Promise<SampledLatencyCell | undefined>;
  /** Newest first, without cells. */
  list(actor: Actor, query: ListLatencyTables): Promise<Page<LatencyTableHeader>>;
}
