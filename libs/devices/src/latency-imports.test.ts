import { randomUUID } from 'node:crypto';
import { ImportLatencyTable } from '#contracts';
import { aDevice, aMeasuringWorld, anActor, anImportFile, aSummary } from '#testkit';
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
  return { actor, device, devices, tables, imports, csv };
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

  it('keeps in every cell what the request says of how it was measured, and marks throttled ones', async () => {
    const { csv, tables, actor } = await importingWorld();
    const said = { runner: 'tflite', runnerVersion: '2.17', governor: 'userspace', throttled: true };
    const measuredAt = '2029-12-31T23:00:00.000Z';
    const networkDigests = [
      { ratio: 0.5, digest: 'd'.repeat(64) },
      { ratio: 0, digest: 'e'.repeat(64) },
    ];
    const options = { ...said, measuredAt, networkDigests };
    const { id, marks } = await csv('fast,0,10\nfast,0.5,6\nfast,0.7,4\n', options);
    const { cells } = (await tables.find(actor, id))!;
    for (const { provenance } of cells) expect(provenance).toMatchObject({ ...said, measuredAt });
    expect(
      cells.map(({ provenance }) => 'networkDigest' in provenance && provenance.networkDigest?.[0]),
    ).toEqual(['e', 'd', false]);
    expect(marks).toContainEqual({ kind: 'throttled', operatingPoint: 'fast', ratios: [0, 0.5, 0.7] });
  });

  it('refuses digests of ratios that no cell has', async () => {
    const { csv, tables, actor } = await importingWorld();
    const networkDigests = [0, 0.6].map((ratio) => ({ ratio, digest: 'd'.repeat(64) }));
    await expect(csv('fast,0.5,6\nfast,0,10\n', { networkDigests })).rejects.toMatchObject({
      code: 'invalid_request',
      fields: [
        {
          ...{ field: 'options.networkDigests[1].ratio', value: 0.6 },
          expected: 'a ratio that the files have: 0, 0.5',
        },
      ],
    });
    expect((await tables.list(actor, { limit: 5 })).items).toEqual([]);
  });

  it('takes a table as phones give them: by clock and model, with holes and latencies that rise with the clock', async () => {
    const { imports, tables, actor, devices } = await importingWorld();
    const operatingPoints = [614.4, 1020.8, 2404.8].map((megahertz, i) => ({
      name: ['low', 'middle', 'high'][i]!,
      cpuHz: megahertz * 1e6,
    }));
    const phone = aDevice(actor, { operatingPoints });
    await devices.create(phone);
    const lines = [
      '\ufeffmodel,cpu_freq,inference_time,power',
      'net.tflite,614400,50.25,1200.5012345678901 1187.2498765432109 990.75',
      'net.tflite,1020800,31.75,1802.25',
      'net.tflite,2404800,32.5,',
      'half.tflite,614400,26.125,1199.125 1201.5',
      'half.tflite,2404800,17.5,2100',
      'unrelated.tflite,614400,"1,310.5",700.25',
      '',
    ];
    const columns = {
      operatingPoint: { by: 'clock', column: 'cpu_freq', clock: 'cpuHz', unit: 'kHz' },
      ratio: {
        ...{ by: 'model', column: 'model' },
        ...{ models: { 'net.tflite': 0, 'half.tflite': 0.5 }, others: 'leave-out' },
      },
      latency: { column: 'inference_time', unit: 'ms', is: 'mean' },
    };
    const options = ImportLatencyTable.parse({ format: 'csv-mapped', columns });
    const file = anImportFile('phone.csv', lines.join('\r\n'));
    const { id, marks } = await imports.create(actor, phone.id, options, [file]);
    expect(marks).toEqual([
      { kind: 'missing-cells', operatingPoint: 'middle', ratios: [0.5] },
      {
        ...{ kind: 'slower-at-higher-clock', ratio: 0, operatingPoint: 'high', p50Ms: 32.5 },
        than: { operatingPoint: 'middle', p50Ms: 31.75 },
      },
    ]);
    const { cells } = (await tables.find(actor, id))!;
    expect(cells.map(({ operatingPoint, ratio, summary }) => [operatingPoint, ratio, summary.p50Ms])).toEqual(
      [
        ['low', 0, 50.25],
        ['low', 0.5, 26.125],
        ['middle', 0, 31.75],
        ['high', 0, 32.5],
        ['high', 0.5, 17.5],
      ],
    );
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
      ['options.logs[1]', 'fast, ratio 0'],
      ['options.logs[2].operatingPoint', 'idle'],
    ]);
  });
});
