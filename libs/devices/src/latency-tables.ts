import {
  notFound,
  type Actor,
  type LatencyTable,
  type LatencyTableHeader,
  type Page,
  type SampledLatencyCell,
  type ListLatencyTables,
} from '#contracts';
import type { LatencyTableRepository } from './latency-table-repository.port.js';

/** Reads latency tables: completing a measuring task makes one, and so does an import. */
export class LatencyTables {
  constructor(private readonly tables: LatencyTableRepository) {}

  /** With its cells, without their samples. @throws AppError not_found */
  async get(actor: Actor, latencyTableId: string): Promise<LatencyTable> {
    const table = await this.tables.find(actor, latencyTableId);
    if (table === undefined) throw notFound('latency table', latencyTableId);
    return table;
  }

  /** Without its cells. @throws AppError not_found */
  async header(actor: Actor, latencyTableId: string): Promise<LatencyTableHeader> {
    return withoutCells(await this.get(actor, latencyTableId));
  }

  /** One cell with its samples. @throws AppError not_found for the table or the cell */
  async cell(actor: Actor, latencyTableId: string, index: number): Promise<SampledLatencyCell> {
    const cell = await this.tables.findCell(actor, latencyTableId, index);
    if (cell === undefined) throw notFound(`cell ${index} in latency table`, latencyTableId);
    return cell;
  }

  list(actor: Actor, query: ListLatencyTables): Promise<Page<LatencyTableHeader>> {
    return this.tables.list(actor, query);
  }
}

function withoutCells({ cells: _cells, ...header }: LatencyTable): LatencyTableHeader {
  return header;
}
