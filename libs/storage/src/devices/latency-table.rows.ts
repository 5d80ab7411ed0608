import { LatencyCell, LatencyTable, LatencyTableHeader, type SampledLatencyCell } from '#contracts';
import type { NewLatencyTable } from '#devices';
import type { Transaction } from '../database/database.js';
import { auditColumns, json, plain } from '../database/rows.js';
import type { LatencyCellModel, LatencyTableModel } from '../generated/models.js';

/** Of a cell, everything but its samples. */
export const CELL_COLUMNS = {
  ...{ index: true, operatingPoint: true, ratio: true, widths: true, macs: true },
  ...{ sampleCount: true, summary: true, provenance: true },
} as const;

type CellRow = Pick<LatencyCellModel, keyof typeof CELL_COLUMNS>;

/** Numbers that one statement carries at most, so that no statement is as large as the table. */
const SAMPLES_PER_STATEMENT = 100_000;

/**
 * Writes a table and its cells as the device's next version. The device's row must be locked before any row that its
 * lock is meant to come before: `lockDevice`.
 */
export async function insertLatencyTable(
  tx: Transaction,
  table: NewLatencyTable,
): Promise<LatencyTableHeader> {
  const { deviceId, measuringTaskId, jobId, purpose, emulated, cellCount, sampleCount, markCount } = table;
  const newest = await tx.latencyTable.aggregate({ where: { deviceId }, _max: { version: true } });
  const row = await tx.latencyTable.create({
    data: {
      ...auditColumns(table),
      ...{ deviceId, measuringTaskId, jobId, purpose, emulated, cellCount, sampleCount, markCount },
      version: (newest._max.version ?? 0) + 1,
      source: json(table.source),
      marks: json(table.marks),
    },
  });
  for (const cells of inStatements(table.cells)) await insertCells(tx, table, cells);
  return toHeader(row);
}

/** Has tables of the device take turns; not FOR UPDATE, which would also keep new tasks of the device waiting. */
export async function lockDevice(tx: Transaction, deviceId: string): Promise<void> {
  await tx.$queryRaw`SELECT id FROM "Device" WHERE id = ${deviceId}::uuid FOR NO KEY UPDATE`;
}

export function toHeader(row: LatencyTableModel): LatencyTableHeader {
  return LatencyTableHeader.parse(plain(row));
}

export function toLatencyTable({ cells, ...row }: LatencyTableModel & { cells: CellRow[] }): LatencyTable {
  return LatencyTable.parse({ ...plain(row), cells: cells.map(plain) });
}

export function toSampledCell(row: CellRow & { samplesMs: number[] }): SampledLatencyCell {
  // Not through the contract: checking a million numbers that were checked before takes longer than reading them.
  return { ...LatencyCell.parse(plain(row)), samplesMs: row.samplesMs };
}

/**
 * Not by Prisma's createMany, which rounds the numbers of a list to 15 digits and takes 12 s for a million of them
 * (this: 1 s). All values are text on their way: one type for all lists, and every digit of a number.
 */
async function insertCells(
  tx: Transaction,
  { id, teamId, owner, createdAt, updatedAt }: NewLatencyTable,
  cells: readonly SampledLatencyCell[],
): Promise<void> {
  const text = (of: (cell: SampledLatencyCell) => string | number | undefined) =>
    cells.map((cell) => String(of(cell) ?? ''));
  const asJson = (of: (cell: SampledLatencyCell) => object | undefined) =>
    text((cell) => JSON.stringify(of(cell)));
  await tx.$executeRaw`
    INSERT INTO "LatencyCell" (
      "latencyTableId", "teamId", owner, "createdAt", "updatedAt",
      index, "operatingPoint", ratio, widths, macs, "sampleCount", "samplesMs", summary, provenance
    )
    SELECT ${id}::uuid, ${teamId}::uuid, ${owner}, ${createdAt}::timestamptz, ${updatedAt}::timestamptz,
      index::int, "operatingPoint", ratio::float8, nullif(widths, '')::jsonb, nullif(macs, '')::bigint,
      "sampleCount"::int, "samplesMs"::float8[], summary::jsonb, provenance::jsonb
    FROM unnest(
      ${text((cell) => cell.index)}::text[], ${text((cell) => cell.operatingPoint)}::text[],
      ${text((cell) => cell.ratio)}::text[], ${asJson((cell) => cell.widths)}::text[],
      ${text((cell) => cell.macs)}::text[], ${text((cell) => cell.sampleCount)}::text[],
      ${text((cell) => `{${cell.samplesMs.join(',')}}`)}::text[], ${asJson((cell) => cell.summary)}::text[],
      ${asJson((cell) => cell.provenance)}::text[]
    ) AS cell (
      index, "operatingPoint", ratio, widths, macs, "sampleCount", "samplesMs", summary, provenance
    )`;
}

function* inStatements(cells: readonly SampledLatencyCell[]): Generator<SampledLatencyCell[]> {
  let statement: SampledLatencyCell[] = [];
  let samples = 0;
  for (const cell of cells) {
    if (statement.length > 0 && samples + cell.sampleCount > SAMPLES_PER_STATEMENT) {
      yield statement;
      [statement, samples] = [[], 0];
    }
    statement.push(cell);
    samples += cell.sampleCount;
  }
  if (statement.length > 0) yield statement;
}
