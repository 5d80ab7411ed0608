import type {
  Actor,
  LatencyTable,
  LatencyTableHeader,
  Page,
  SampledLatencyCell,
  ListLatencyTables,
} from '#contracts';
import type { LatencyTableRepository, NewLatencyTable } from '#devices';
import { MemoryRows } from '../jobs/memory-rows.js';
import { headerOf, withoutSamples, type StoredLatencyTable } from './device-fixtures.js';

export class MemoryLatencyTables implements LatencyTableRepository {
  private readonly rows = new MemoryRows<StoredLatencyTable>();

  /** At once, for a test that has no reason to wait. */
  put(table: NewLatencyTable): LatencyTableHeader {
    const ofDevice = this.rows.all().filter((row) => row.deviceId === table.deviceId);
    const version = Math.max(0, ...ofDevice.map((row) => row.version)) + 1;
    const stored = { ...table, version, cells: [...table.cells] };
    this.rows.put(stored);
    return headerOf(stored);
  }

  create(table: NewLatencyTable): Promise<LatencyTableHeader> {
    return Promise.resolve(this.put(table));
  }

  find(actor: Actor, latencyTableId: string): Promise<LatencyTable | undefined> {
    const table = this.rows.find(actor, latencyTableId);
    return Promise.resolve(table && withoutSamples(table));
  }

  findCell(actor: Actor, latencyTableId: string, index: number): Promise<SampledLatencyCell | undefined> {
    const table = this.rows.find(actor, latencyTableId);
    return Promise.resolve(table?.cells.find((cell) => cell.index === index));
  }

  list(actor: Actor, query: ListLatencyTables): Promise<Page<LatencyTableHeader>> {
    const { deviceId } = query;
    const isOf = (table: LatencyTableHeader) => deviceId === undefined || table.deviceId === deviceId;
    const { items, ...page } = this.rows.page(actor, query, isOf);
    return Promise.resolve({ items: items.map(headerOf), ...page });
  }
}
