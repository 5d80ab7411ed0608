import { LatencyTable, type Actor, type Page, type PageQuery } from '#contracts';
import type { LatencyTableRepository } from '#devices';
import type { Database, Transaction } from '../database/database.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { auditColumns, isId, json, plain } from '../database/rows.js';
import type { LatencyCellModel, LatencyTableModel } from '../generated/models.js';

const WITH_CELLS = { cells: { orderBy: { index: 'asc' as const } } };

export class PostgresLatencyTableRepository implements LatencyTableRepository {
  constructor(private readonly database: Database) {}

  async find({ teamId }: Actor, latencyTableId: string): Promise<LatencyTable | undefined> {
    if (!isId(latencyTableId)) return undefined;
    const where = { id: latencyTableId, teamId };
    const row = await this.database.latencyTable.findUnique({ where, include: WITH_CELLS });
    return row === null ? undefined : toLatencyTable(row);
  }

  /** The table that a measuring task left behind. */
  async findByTask({ teamId }: Actor, measuringTaskId: string): Promise<LatencyTable | undefined> {
    if (!isId(measuringTaskId)) return undefined;
    const where = { measuringTaskId, teamId };
    const row = await this.database.latencyTable.findUnique({ where, include: WITH_CELLS });
    return row === null ? undefined : toLatencyTable(row);
  }

  async listForDevice({ teamId }: Actor, deviceId: string, query: PageQuery): Promise<Page<LatencyTable>> {
    if (!isId(deviceId)) return { items: [] };
    const { where, ...page } = pageArguments(query);
    const rows = await this.database.latencyTable.findMany({
      where: { ...where, teamId, deviceId },
      include: WITH_CELLS,
      ...page,
    });
    return pageOfRows(rows, query, toLatencyTable);
  }
}

/** Writes a table and its cells; part of completing a measuring task. */
export async function insertLatencyTable(tx: Transaction, table: LatencyTable): Promise<void> {
  const { deviceId, measuringTaskId, jobId, purpose, emulated, teamId, owner, createdAt, updatedAt } = table;
  const columns = { deviceId, measuringTaskId, jobId, purpose, emulated };
  await tx.latencyTable.create({ data: { ...auditColumns(table), ...columns } });
  const cells = table.cells.map(({ operatingPoint, ratio, macs, samplesMs, ...cell }, index) => ({
    ...{ latencyTableId: table.id, index, teamId, owner, createdAt, updatedAt },
    ...{ operatingPoint, ratio, macs: BigInt(macs), samplesMs },
    widths: json(cell.widths),
    summary: json(cell.summary),
    provenance: json(cell.provenance),
  }));
  await tx.latencyCell.createMany({ data: cells });
}

function toLatencyTable({ cells, ...row }: LatencyTableModel & { cells: LatencyCellModel[] }): LatencyTable {
  return LatencyTable.parse({ ...plain(row), cells: cells.map(plain) });
}
