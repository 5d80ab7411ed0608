import {
  newAudit,
  notFound,
  type Actor,
  type Device,
  type ImportLatencyTable,
  type LatencyTableHeader,
  type SampledLatencyCell,
} from '#contracts';
import type { Summariser } from './calibrator.port.js';
import type { DeviceRepository } from './device-repository.port.js';
import type { CollectedCell } from './import/cell-collector.js';
import { checkedFiles } from './import/check-files.js';
import type { ImportFile } from './import/import-file.js';
import { readImport } from './import/read-import.js';
import { checkNetworkDigests, importedProvenance } from './imported-provenance.js';
import type { LatencyTableRepository } from './latency-table-repository.port.js';
import { newLatencyTable } from './new-latency-table.js';

export interface LatencyImportsParts {
  readonly devices: DeviceRepository;
  readonly tables: LatencyTableRepository;
  readonly summarise: Summariser;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Makes latency tables of what other tools have measured. */
export class LatencyImports {
  constructor(private readonly parts: LatencyImportsParts) {}

  /**
   * Reads all of the files before anything is stored.
   * @throws AppError not_found for the device, invalid_request where files and options do not fit each other, or
   * latency_table_unreadable naming lines and columns of the files
   */
  async create(
    actor: Actor,
    deviceId: string,
    options: ImportLatencyTable,
    files: readonly ImportFile[],
    id = this.parts.newId(),
  ): Promise<LatencyTableHeader> {
    const { devices, tables, now } = this.parts;
    const device = await devices.find(actor, deviceId);
    if (device === undefined) throw notFound('device', deviceId);
    const { operatingPoints } = device;
    const collected = await readImport(
      options,
      checkedFiles(options, files, operatingPoints),
      operatingPoints,
    );
    checkNetworkDigests(options, collected);
    const cells = inOrder(device, collected).map((cell, index) => this.cell(device, options, cell, index));
    const origin = {
      ...newAudit(actor, id, now()),
      deviceId: device.id,
      purpose: 'profile' as const,
      source: {
        kind: 'imported' as const,
        format: options.format,
        files: files.map(({ name, digest, bytes }) => ({ name, digest, bytes })),
      },
    };
    return tables.create(newLatencyTable(origin, operatingPoints, cells));
  }

  private cell(
    device: Device,
    options: ImportLatencyTable,
    collected: CollectedCell,
    index: number,
  ): SampledLatencyCell {
    const { operatingPoint, ratio, samplesMs, stated } = collected;
    return {
      ...{ index, operatingPoint, ratio, samplesMs },
      sampleCount: samplesMs.length,
      summary: stated ?? this.parts.summarise(samplesMs),
      provenance: importedProvenance(options, device.operatingPoints, collected),
    };
  }
}

/** Operating points as the device has them, ratios ascending. */
function inOrder({ operatingPoints }: Device, cells: readonly CollectedCell[]): CollectedCell[] {
  const places = new Map(operatingPoints.map(({ name }, index) => [name, index]));
  const placeOf = (cell: CollectedCell) => places.get(cell.operatingPoint)!;
  return [...cells].sort((a, b) => placeOf(a) - placeOf(b) || a.ratio - b.ratio);
}
