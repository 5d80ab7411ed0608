import type {
  Actor,
  LatencyTable,
  LatencyTableHeader,
  Page,
  SampledLatencyCell,
  ListLatencyTables,
} from '#contracts';
import type { LatencyTableRepository, NewLatencyTable } from '#devices';
import { inTransaction, type Database } from '../database/database.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { isId } from '../database/rows.js';
import {
  CELL_COLUMNS,
  insertLatencyTable,
  lockDevice,
  toHeader,
  toLatencyTable,
  toSampledCell,
} from './latency-table.rows.js';

const WITH_CELLS = { cells: { orderBy: { index: 'asc' as const }, select: CELL_COLUMNS } };

export class PostgresLatencyTableRepository implements LatencyTableRepository {
  constructor(private readonly database: Database) {}

  create(table: NewLatencyTable): Promise<LatencyTableHeader> {
    return inTransaction(this.database, async (tx) => {
      await lockDevice(tx, table.deviceId);
      return insertLatencyTable(tx, table);
    });
  }

  async find({ teamId }: Actor, latencyTableId: string): Promise<LatencyTable | undefined> {
    if (!isId(latencyTableId)) return undefined;
    const where = { id: latencyTableId, teamId };
    const row = await this.database.latencyTable.findUnique({ where, include: WITH_CELLS });
    return row === null ? undefined : toLatencyTable(row);
  }

  async findCell(
    { teamId }: Actor,
    latencyTableId: string,
    index: number,
  ): Promise<SampledLatencyCell | undefined> {
    if (!isId(latencyTableId)) return undefined;
    const where = { latencyTableId_index: { latencyTableId, index }, teamId };
    const select = { ...CELL_COLUMNS, samplesMs: true };
    const row = await this.database.latencyCell.findUnique({ where, select });
    return row === null ? undefined : toSampledCell(row);
  }

  /** The table that a measuring task left behind. */
  async findByTask({ teamId }: Actor, measuringTaskId: string): Promise<LatencyTable | undefined> {
    if (!isId(measuringTaskId)) return undefined;
    const where = { measuringTaskId, teamId };
    const row = await this.database.latencyTable.findUnique({ where, include: WITH_CELLS });
    return row === null ? undefined : toLatencyTable(row);
  }

  async list({ teamId }: Actor, query: ListLatencyTables): Promise<Page<LatencyTableHeader>> {
    const { deviceId } = query;
    if (deviceId !== undefined && !isId(deviceId)) return { items: [] };
    const { where, ...page } = pageArguments(query);
    const rows = await this.database.latencyTable.findMany({
      where: { ...where, teamId, deviceId },
      ...page,
    });
    return pageOfRows(rows, query, toHeader);
  }
}
