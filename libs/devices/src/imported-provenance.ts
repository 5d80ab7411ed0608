import {
  AppError,
  type FieldError,
  type ImportedProvenance,
  type ImportLatencyTable,
  type OperatingPoint,
} from '#contracts';
import type { CollectedCell } from './import/cell-collector.js';

/** Where a cell comes from. What the file says of it comes before what the request says of all of them. */
export function importedProvenance(
  options: ImportLatencyTable,
  operatingPoints: readonly OperatingPoint[],
  { file, lines, operatingPoint, ratio, ...cell }: CollectedCell,
): ImportedProvenance {
  const { runner, runnerVersion, governor, throttled, measuredAt, networkDigests = [] } = options;
  const point = operatingPoints.find(({ name }) => name === operatingPoint);
  const known = {
    threads: cell.threads ?? options.threads,
    batch: cell.batch ?? options.batch,
    emulated: options.emulated ?? (point?.emulatedCpuShare === undefined ? undefined : true),
    networkDigest: networkDigests.find((network) => network.ratio === ratio)?.digest,
    ...{ runner, runnerVersion, governor, throttled, measuredAt },
  };
  const said = Object.entries(known).filter(([, value]) => value !== undefined);
  return { kind: 'imported', format: options.format, file, lines, ...Object.fromEntries(said) };
}

/** @throws AppError invalid_request where a digest is of a ratio that no cell has */
export function checkNetworkDigests(
  { networkDigests = [] }: ImportLatencyTable,
  cells: readonly CollectedCell[],
): void {
  const ratios = [...new Set(cells.map(({ ratio }) => ratio))].sort((a, b) => a - b);
  const fields = networkDigests.flatMap(({ ratio }, index): FieldError[] => {
    const expected = `a ratio that the files have: ${ratios.join(', ')}`;
    const field = `options.networkDigests[${index}].ratio`;
    return ratios.includes(ratio) ? [] : [{ field, value: ratio, expected }];
  });
  const [first] = fields;
  if (first === undefined) return;
  const detail = `${first.field} is ${JSON.stringify(first.value)}: expected ${first.expected}`;
  throw new AppError('invalid_request', detail, { fields });
}
