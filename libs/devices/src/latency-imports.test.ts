import { randomUUID } from 'node:crypto';
import { ImportLatencyTable } from '#contracts';
import { aMeasuringWorld, anActor, anImportFile, aSummary } from '#testkit';
import { LatencyImports } from './latency-imports.js';

async function importingWorld() {
  const { actor, device, devices, tables } = await aMeasuringWorld();
  const imports = new LatencyImports({
    ...{ devices, tables },
    summarise: (samplesMs) => aSummary(samplesMs[0]!),
    now: () => new Date('2030-01-01T00:00:00.000Z'),
    newId: randomUUID,
  });
  const csv = (text: string, options: object = {}, name = 'cells.csv') =>
    imports.create(actor, device.id, ImportLatencyTable.parse({ format: 'csv', ...options }), [
      anImportFile(name, `operating_point,ratio,latency_ms\n${text}`),
    ]);
  return { actor, device, tables, imports, csv };
}

describe('importing a latency table', () => {
  it('stores cells by operating point and ratio, with summary, provenance and marks', async () => {
    const { csv, tables, actor, device } = await importingWorld();
    const header = await csv('slow,0.5,30\nfast,0.5,12\nfast,0,10\nfast,0,11\n', { threads: 2 });
    expect(header).toMatchObject({
      ...actor,
      ...{ deviceId: device.id, version: 1, purpose: 'profile', cellCount: 3, sampleCount: 4 },
      source: { kind: 'imported', format: 'csv', files: [{ name: 'cells.csv', bytes: 77 }] },
      markCount: 2,
      marks: [
        { kind: 'missing-cells', operatingPoint: 'slow', ratios: [0] },
        { kind: 'slower-at-higher-ratio', operatingPoint: 'fast', ratio: 0.5 },
      ],
    });
    expect(header.measuringTaskId).toBeUndefined();
    const { cells } = (await tables.find(actor, header.id))!;
    expect(cells.map(({ index, operatingPoint, ratio }) => [index, operatingPoint, ratio])).toEqual([
      [0, 'fast', 0],
      [1, 'fast', 0.5],
      [2, 'slow', 0.5],
    ]);
    expect(cells[0]).toMatchObject({ sampleCount: 2, summary: aSummary(10) });
    expect(cells[0]!.provenance).toEqual({
      ...{ kind: 'imported', format: 'csv', file: 'cells.csv', lines: { first: 4, last: 5 }, threads: 2 },
    });
    expect(await tables.findCell(actor, header.id, 0)).toMatchObject({ samplesMs: [10, 11] });
  });

  it('says that a clock was emulated where the operating point or the request says so', async () => {
    const { csv, tables, actor } = await importingWorld();
    const emulated = async (options: object) => {
      const { id } = await csv('fast,0,10\nslow,0,20\n', options);
      const table = (await tables.find(actor, id))!;
      return [table.emulated, ...table.cells.map(({ provenance }) => provenance.emulated)];
    };
    expect(await emulated({})).toEqual([true, undefined, true]); // the fixture's slow point is an emulated one
    expect(await emulated({ emulated: false })).toEqual([false, false, false]);
    expect(await emulated({ emulated: true })).toEqual([true, true, true]);
  });

  it('gives each import the next version', async () => {
    const { csv } = await importingWorld();
    expect((await csv('fast,0,10\n')).version).toBe(1);
    expect((await csv('fast,0,10\n')).version).toBe(2);
  });

  it('stores nothing of a file with a problem, or for a device of another team', async () => {
    const { csv, tables, actor, imports, device } = await importingWorld();
    await expect(csv('fast,0,10\nslow,0,zero\n')).rejects.toMatchObject({ code: 'latency_table_unreadable' });
    const options = ImportLatencyTable.parse({ format: 'csv' });
    const strange = imports.create(anActor(), device.id, options, []);
    await expect(strange).rejects.toMatchObject({ code: 'not_found' });
    expect((await tables.list(actor, { limit: 5 })).items).toEqual([]);
  });

  it('names options and files that do not fit each other', async () => {
    const { actor, device, imports } = await importingWorld();
    const log = { file: 'a.log', operatingPoint: 'fast', ratio: 0 };
    const create = (options: object, ...names: string[]) =>
      imports.create(
        actor,
        device.id,
        ImportLatencyTable.parse(options),
        names.map((name) => anImportFile(name, 'x')),
      );
    const format = 'tflite-benchmark';
    const fieldsOf = (options: object, ...names: string[]) =>
      create(options, ...names).then(
        () => [],
        (error: { fields: { field: string; value: unknown }[] }) =>
          error.fields.map((f) => [f.field, f.value]),
      );
    expect(await fieldsOf({ format: 'csv' }, 'a.csv', 'b.csv')).toEqual([['file', '2 files']]);
    expect(await fieldsOf({ format, logs: [log] }, 'b.log')).toEqual([
      ['options.logs[0].file', 'a.log'],
      ['file', 'b.log'],
    ]);
    const wrong = { ...log, operatingPoint: 'idle' };
    expect(await fieldsOf({ format, logs: [log, log, wrong] }, 'a.log', 'a.log')).toEqual([
      ['file', 'a.log'],
      ['options.logs[1]', '["fast",0]'],
      ['options.logs[2].operatingPoint', 'idle'],
    ]);
  });
});
