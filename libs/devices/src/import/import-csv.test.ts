import fc from 'fast-check';
import { ImportLatencyTable, type OperatingPoint } from '#contracts';
import { anImportFile } from '#testkit';
import { readImport } from './read-import.js';

const POINTS: OperatingPoint[] = [
  { name: 'slow', cpuHz: 614_400_000, gpuHz: 240_000_000 },
  { name: 'fast', cpuHz: 2_404_800_000, gpuHz: 365_000_000 },
  { name: 'boost', cpuHz: 2_404_800_000, gpuHz: 725_000_000 },
];

const read = (options: object, text: string) => {
  const files = new Map([['cells.csv', anImportFile('cells.csv', text)]]);
  return readImport(ImportLatencyTable.parse(options), files, POINTS);
};
const readCsv = (text: string) => read({ format: 'csv' }, text);
const problemsOf = async (reading: Promise<unknown>) => {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'latency_table_unreadable', fault: 'user' });
  return (error as { fields: { field: string; value?: string; expected: string }[] }).fields;
};
const HEADER = 'operating_point,ratio,latency_ms\n';

describe('our CSV', () => {
  it('brings a sample per line, in any order of lines and columns', async () => {
    const text =
      '\ufeffratio,latency_ms,operating_point\r\n0,12.5,slow\r\n0.5,7,slow\r\n\r\n0,1.31e1,slow\r\n';
    expect(await readCsv(text)).toEqual([
      expect.objectContaining({ operatingPoint: 'slow', ratio: 0, samplesMs: [12.5, 13.1] }),
      expect.objectContaining({ operatingPoint: 'slow', ratio: 0.5, samplesMs: [7] }),
    ]);
    expect((await readCsv(text))[0]).toMatchObject({ file: 'cells.csv', lines: { first: 2, last: 5 } });
  });

  it('gives back whatever samples were written, bit by bit and in order', async () => {
    const sample = fc.record({
      point: fc.constantFrom('slow', 'fast'),
      ratio: fc.constantFrom(0, 0.25, 0.95),
      ms: fc.double({ min: 1e-6, max: 1e7, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 30 }), async (samples) => {
        const text = samples.map(({ point, ratio, ms }) => `${point},${ratio},${ms}\n`).join('');
        const cells = await readCsv(HEADER + text);
        for (const { operatingPoint, ratio, samplesMs } of cells) {
          const written = samples.filter((each) => each.point === operatingPoint && each.ratio === ratio);
          expect(samplesMs).toEqual(written.map(({ ms }) => ms));
        }
        expect(cells.reduce((sum, cell) => sum + cell.samplesMs.length, 0)).toBe(samples.length);
      }),
    );
  });

  it('takes threads and batch of a cell where it has them', async () => {
    const text = 'operating_point,ratio,latency_ms,threads,batch\nslow,0,12,4,8\nslow,0,13,4,8\nfast,0,9,,\n';
    const [slow, fast] = await readCsv(text);
    expect(slow).toMatchObject({ threads: 4, batch: 8, samplesMs: [12, 13] });
    expect([fast!.threads, fast!.batch]).toEqual([undefined, undefined]);
    const mixed = text.replace('13,4,8', '13,2,8');
    expect(await problemsOf(readCsv(mixed))).toEqual([
      { field: 'cells.csv, line 3, column threads', value: '2', expected: "4 as in the cell's line 2" },
    ]);
  });

  it.each([
    ['a negative time', 'slow,0,-1', 'latency_ms', '-1', /^a time in ms: a number above 0/],
    ['no time', 'slow,0,0', 'latency_ms', '0', /above 0/],
    ['NaN', 'slow,0,NaN', 'latency_ms', 'NaN', /a number/],
    ['infinity', 'slow,0,1e999', 'latency_ms', '1e999', /a number/],
    ['an empty time', 'slow,0,', 'latency_ms', '', /a number/],
    ['a time with its unit', 'slow,0,12 ms', 'latency_ms', '12 ms', /a number/],
    ['a separator between thousands', 'slow,0,"1,234.5"', 'latency_ms', '1,234.5', /without separators/],
    ['a space between thousands', 'slow,0,1 234.5', 'latency_ms', '1 234.5', /without separators/],
    ['a time of hours', 'slow,0,10000001', 'latency_ms', '10000001', /at most 10000000 ms/],
    ['a ratio out of range', 'slow,0.96,5', 'ratio', '0.96', /^a pruning ratio from 0 to 0.95$/],
    ['a ratio in per cent', 'slow,50%,5', 'ratio', '50%', /ratio/],
    ['an unknown operating point', 'idle,0,5', 'operating_point', 'idle', /device: slow, fast, boost$/],
    ['a value too few', 'slow,0', 'latency_ms', '2 values', /^3 values/],
    ['a value too many', 'slow,0,1,2', '4', '4 values', /^3 values/],
    ['a quote that does not end', 'slow,0,"5', 'latency_ms|1', undefined, /valid CSV/],
  ])('refuses %s', async (_case, line, column, value, expected) => {
    const [problem, ...others] = await problemsOf(readCsv(`${HEADER}fast,0,5\n${line}\n`));
    expect(others).toEqual([]);
    expect(problem!.field).toMatch(new RegExp(`^cells.csv, line [34], column (${column})$`));
    expect(problem!.value).toBe(value);
    expect(problem!.expected).toMatch(expected);
  });

  it('refuses columns that are missing, unknown or there twice, and reads no line then', async () => {
    const problems = await problemsOf(readCsv('operating_point,ratio,latency_us,ratio\nslow,0,x,y\n'));
    expect(problems).toEqual([
      {
        field: 'cells.csv, line 1, column ratio',
        value: 'ratio',
        expected: expect.stringContaining('different'),
      },
      {
        field: 'cells.csv, line 1, column latency_us',
        value: 'latency_us',
        expected: 'one of operating_point, ratio, latency_ms, threads, batch',
      },
      { field: 'cells.csv, line 1, column latency_ms', expected: expect.stringContaining('there are: ') },
    ]);
  });

  it('tells all problems of a few lines, and the first 20 of many', async () => {
    const lines = (count: number) => Array.from({ length: count }, () => 'slow,2,-1\n').join('');
    const few = await problemsOf(readCsv(HEADER + lines(3)));
    expect(few.map(({ field }) => field)).toEqual(
      [2, 2, 3, 3, 4, 4].map(
        (line, i) => `cells.csv, line ${line}, column ${i % 2 ? 'latency_ms' : 'ratio'}`,
      ),
    );
    const many = readCsv(HEADER + lines(1000));
    await expect(many).rejects.toThrow('the first 20 problems are told');
    expect(await problemsOf(readCsv(HEADER + lines(1000)))).toHaveLength(20);
  });

  it.each([
    ['nothing in it', '', 'line 1'],
    ['names of columns alone', HEADER, 'line 2'],
  ])('refuses a file with %s', async (_case, text, line) => {
    expect((await problemsOf(readCsv(text)))[0]!.field).toContain(line);
  });

  it('refuses more columns than a table of latencies has, without repeating all of their names', async () => {
    const names = Array.from({ length: 1001 }, (_, i) => `column-${i}`).join();
    expect(await problemsOf(readCsv(names))).toMatchObject([{ expected: 'at most 1000 columns' }]);
    const [, missing] = await problemsOf(readCsv(`${HEADER.trim()}x,${'y'.repeat(5000)}\n`));
    expect(JSON.stringify(missing).length).toBeLessThan(800);
  });

  it('refuses a binary file without keeping it in memory', async () => {
    for (const text of ['x'.repeat(2 * 1024 * 1024), `${'y'.repeat(5000)}"z"\n`]) {
      const problems = await problemsOf(readCsv(text));
      expect(problems).toMatchObject([{ field: 'cells.csv, line 1, column 1' }]);
      expect(problems[0]!.expected.length).toBeLessThan(200);
    }
  });
});

describe('mapped CSV', () => {
  const columns = {
    operatingPoint: { by: 'clock', column: 'gpu_freq', clock: 'gpuHz', unit: 'Hz' },
    ratio: { by: 'model', column: 'model', models: { dense: 0, half: 0.5 } },
    latency: { column: 'time', unit: 'us' },
  };
  const mapped = (changes: object = {}, more: object = {}) => {
    return { format: 'csv-mapped', columns: { ...columns, ...changes }, ...more };
  };

  it('finds points by a clock, times in their unit and ratios by model; other columns are not read', async () => {
    const text = 'model,gpu_freq,time,power\ndense,240000000,30029.2,?\nhalf,365000000,9000,?\n';
    expect(await read(mapped(), text)).toMatchObject([
      { operatingPoint: 'slow', ratio: 0, samplesMs: [30.0292] },
      { operatingPoint: 'fast', ratio: 0.5, samplesMs: [9] },
    ]);
  });

  it.each([
    ['kHz', '614400', 'slow'],
    ['MHz', '614.4', 'slow'],
    ['MHz', '614', 'slow'],
    ['GHz', '0.61', 'slow'],
  ])('finds a clock in %s written as %s', async (unit, clock, operatingPoint) => {
    const by = { operatingPoint: { by: 'clock', column: 'f', clock: 'cpuHz', unit } };
    const cells = await read(
      mapped({ ...by, ratio: { by: 'constant', ratio: 0.25 } }),
      `f,time\n${clock},5\n`,
    );
    expect(cells).toMatchObject([{ operatingPoint, ratio: 0.25, samplesMs: [0.005] }]);
  });

  it.each([
    ['MHz', '610', /cpuHz of an operating point in MHz: 614.4 \(slow\), 2404.8 \(fast\)/],
    ['kHz', '2404800', /one operating point alone: fast, boost have it/],
    ['MHz', '-5', /a clock in MHz, a number above 0/],
  ])('refuses a clock in %s of %s', async (unit, clock, expected) => {
    const by = { operatingPoint: { by: 'clock', column: 'f', clock: 'cpuHz', unit } };
    const reading = read(mapped({ ...by, ratio: { by: 'constant', ratio: 0 } }), `f,time\n${clock},5\n`);
    expect(await problemsOf(reading)).toEqual([
      { field: 'cells.csv, line 2, column f', value: clock, expected: expect.stringMatching(expected) },
    ]);
  });

  it('leaves lines of other models out only where it is told to', async () => {
    const text = 'model,gpu_freq,time\nother,999,x\ndense,240000000,5\n';
    const problems = await problemsOf(read(mapped(), text));
    expect(problems.map(({ field }) => field)).toEqual(
      ['model', 'gpu_freq', 'time'].map((column) => expect.stringContaining(`line 2, column ${column}`)),
    );
    const ratio = { ...columns.ratio, others: 'leave-out' };
    expect(await read(mapped({ ratio }), text)).toHaveLength(1);
    expect((await problemsOf(read(mapped({ ratio }), text.split('\ndense')[0]!)))[0]!.expected).toBe(
      'at least one line of a model that the options name',
    );
    expect((await problemsOf(read(mapped(), text.split('\n')[0]!)))[0]!.expected).toBe(
      'at least one line with values',
    );
  });

  it('states means and medians, one line per cell', async () => {
    const text = 'model,gpu_freq,time\ndense,240000000,5000\nhalf,240000000,3000\n';
    const latency = { ...columns.latency, is: 'mean' };
    expect(await read(mapped({ latency }), text)).toMatchObject([
      { samplesMs: [], stated: { stated: true, p50Ms: 5, p50Is: 'mean', meanMs: 5 }, lines: { first: 2 } },
      { samplesMs: [], stated: { stated: true, p50Ms: 3, p50Is: 'mean', meanMs: 3 } },
    ]);
    expect(await problemsOf(read(mapped({ latency }), `${text}dense,240000000,6000\n`))).toEqual([
      {
        field: 'cells.csv, line 4, column time',
        value: 'slow, ratio 0',
        expected: 'each cell once; cells.csv, line 2, has this one',
      },
    ]);
  });

  it('separates by what it is told to, and quotes as CSV does', async () => {
    const models = { 'a;b': 0 };
    const ratio = { by: 'model', column: 'model', models };
    const text = 'model;gpu_freq;time\n"a;b";240000000;5\n';
    expect(await read(mapped({ ratio }, { delimiter: ';' }), text)).toHaveLength(1);
  });

  it('reads a file of another system: a byte order mark, lines that end in CR LF, spaces around values', async () => {
    const text = '\ufeffmodel;gpu_freq;time\r\ndense ; 240000000;5 \r\n\r\nhalf;365000000;4\r\n';
    expect(await read(mapped({}, { delimiter: ';' }), text)).toMatchObject([
      { operatingPoint: 'slow', ratio: 0, samplesMs: [0.005], lines: { first: 2, last: 2 } },
      { operatingPoint: 'fast', ratio: 0.5, samplesMs: [0.004], lines: { first: 4, last: 4 } },
    ]);
  });

  it('refuses a decimal comma, and separators in a clock, by line and column', async () => {
    const text = 'model;gpu_freq;time\ndense;240000000;5,25\nhalf;365.000.000;4\n';
    expect(await problemsOf(read(mapped({}, { delimiter: ';' }), text))).toEqual([
      {
        ...{ field: 'cells.csv, line 2, column time', value: '5,25' },
        expected: expect.stringMatching(/^a time in us: a number above 0 without separators/),
      },
      {
        ...{ field: 'cells.csv, line 3, column gpu_freq', value: '365.000.000' },
        expected: 'a clock in Hz, a number above 0',
      },
    ]);
  });

  it('refuses options with units that there are not', () => {
    const unit = ImportLatencyTable.safeParse(mapped({ latency: { column: 'time', unit: 'minutes' } }));
    expect(unit.error?.issues[0]?.path).toEqual(['columns', 'latency', 'unit']);
  });
});
