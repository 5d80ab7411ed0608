import { ImportLatencyTable, type OperatingPoint } from '#contracts';
import { anImportFile } from '#testkit';
import { readImport } from './read-import.js';

const POINTS: OperatingPoint[] = [
  { name: 'slow', cpuHz: 1e9 },
  { name: 'fast', cpuHz: 2e9 },
];
type Format = ImportLatencyTable['format'];

/** Reads one file as the cell of "slow" at ratio 0, or as the logs given. */
const read = (format: Format, text: string, logs?: object[]) => {
  const options = { format, logs: logs ?? [{ file: 'a.log', operatingPoint: 'slow', ratio: 0 }] };
  const files = new Map([['a.log', anImportFile('a.log', text)]]);
  return readImport(ImportLatencyTable.parse(options), files, POINTS);
};
const problemsOf = async (reading: Promise<unknown>) => {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'latency_table_unreadable' });
  return (error as { fields: { field: string; value?: string; expected: string }[] }).fields;
};

describe("TensorFlow Lite's benchmark_model", () => {
  const LOG = `STARTING!
Log parameter values verbosely: [0]
Num threads: [4]
INFO: Running benchmark for at least 1 iterations and at least 0.5 seconds but terminate if exceeding 150 seconds.
INFO: count=3 first=41000 curr=40000 min=39000 max=41000 avg=40000 std=816 p5=39000 median=40000 p95=41000

INFO: Running benchmark for at least 50 iterations and at least 1 seconds but terminate if exceeding 150 seconds.
INFO: count=50 first=42142 curr=42232 min=42142 max=42763 avg=42435.4 std=147 p5=42232 median=42405 p95=42729

INFO: Inference timings in us: Init: 143669, First inference: 72635, Warmup (avg): 40000, Inference (avg): 42435.4
Timings (microseconds): count=50 first=1 curr=1 min=1 max=1 avg=1 std=0
`;

  it('states median, mean and what else its lines have', async () => {
    const [cell] = await read('tflite-benchmark', LOG);
    expect(cell).toEqual({
      ...{
        operatingPoint: 'slow',
        ratio: 0,
        samplesMs: [],
        threads: 4,
        file: 'a.log',
        lines: { first: 8, last: 10 },
      },
      stated: {
        ...{ stated: true, p50Ms: 42.405, p50Is: 'median', n: 50, meanMs: 42.4354, stdMs: 0.147 },
        ...{ minMs: 42.142, maxMs: 42.763, p95Ms: 42.729 },
      },
    });
  });

  it('has its mean stand in for the median that older versions lack', async () => {
    const old = LOG.replaceAll(/ p5=.*/g, '');
    const [cell] = await read('tflite-benchmark', old);
    expect(cell!.stated).toEqual({
      ...{ stated: true, p50Ms: 42.4354, p50Is: 'mean', n: 50, meanMs: 42.4354, stdMs: 0.147 },
      ...{ minMs: 42.142, maxMs: 42.763 },
    });
  });

  it.each([
    [
      'logcat, large means in scientific notation',
      '10:04:31 I count=5 first=2e6 curr=2e6 min=2e6 max=4e6 avg=2.95034e+06 std=9\n10:04:31 I Inference timings in us: Init: 1, First inference: 2, Warmup (avg): 3, Inference (avg): 2.95034e+06',
      2950.34,
      5,
    ],
    [
      'the first versions',
      'Average inference timings in us: Warmup: 135310, Init: 12123, no stats: 150988',
      150.988,
      undefined,
    ],
    [
      'runs that took the same time',
      'count=7 curr=5000(all same)\nInference timings in us: Init: 1, First inference: 2, Warmup (avg): 3, Inference (avg): 5000',
      5,
      7,
    ],
    [
      'statistics of another run',
      'count=7 first=1 curr=1 min=1 max=1 avg=6000 std=0\nInference timings in us: Init: 1, First inference: 2, Warmup (avg): 3, Inference (avg): 5000',
      5,
      undefined,
    ],
  ])('reads %s', async (_case, text, meanMs, n) => {
    const [cell] = await read('tflite-benchmark', text);
    expect([cell!.stated!.meanMs, cell!.stated!.n]).toEqual([meanMs, n]);
  });

  it('reads a log of another system: a byte order mark, and lines that end in CR LF', async () => {
    const [cell] = await read('tflite-benchmark', `\ufeff${LOG.replaceAll('\n', '\r\n')}`);
    expect(cell).toEqual((await read('tflite-benchmark', LOG))[0]);
  });

  it.each([
    ['lines too long to be text', 'x'.repeat(2 ** 21), 'line 1, column 1048577', /^a text file/],
    ['no timings', 'STARTING!\nERROR: failed\n', 'line 2, column 1', /^the line "Inference timings/],
    ['two runs', LOG + LOG, 'line 21, column 1', /of one run .*line 10 has one$/],
    [
      'another unit',
      LOG.replace('timings in us', 'timings in fortnights'),
      'line 10, column 28',
      /^a unit of/,
    ],
    ['no time', LOG.replace('(avg): 42435.4', '(avg): 0'), 'line 10, column 108', /above 0/],
    [
      'separators between thousands',
      LOG.replace('(avg): 42435.4', '(avg): 42,435.4'),
      'line 10, column 108',
      /without separators/,
    ],
    ['no number', LOG.replace('median=42405', 'median=nan'), 'line 8, column 95', /above 0/],
  ])('refuses a log with %s', async (_case, text, place, expected) => {
    const [problem] = await problemsOf(read('tflite-benchmark', text));
    expect(problem!.field).toBe(`a.log, ${place}`);
    expect(problem!.expected).toMatch(expected);
  });
});

test('a line that looks like many others in one is read once, not from each of its words on', async () => {
  // Searched from every word to the end it would take hours: the suite's time limit is what tells.
  const line = 'count=1 Inference timings in us: Inference '.repeat(20_000);
  for (const format of ['tflite-benchmark', 'onnxruntime-perf-test'] as const) {
    expect(await problemsOf(read(format, line))).toHaveLength(1);
  }
});

describe('onnxruntime_perf_test', () => {
  const CONSOLE = `Setting intra_op_num_threads to 2
Session creation time cost: 0.217932 s
First inference time cost: 196 ms
Total inference time cost: 0.49481 s
Total inference requests: 5
Average inference time cost: 98.962 ms
Total inference run time: 0.494854 s
Number of inferences per second: 10.104
Avg CPU usage: 11 %
Min Latency: 0.0958204 s
Max Latency: 0.101519 s
P50 Latency: 0.0995086 s
P90 Latency: 0.101519 s
P95 Latency: 0.101519 s
P99 Latency: 0.101519 s
P999 Latency: 0.101519 s
`;
  const RESULT = `resnet,0.0101,271122432,11,0\nresnet,0.0103,271122432,11,1\nresnet,0.0102,271122432,11,2\n`;

  it('states what its console says', async () => {
    const [cell] = await read('onnxruntime-perf-test', CONSOLE);
    expect(cell).toMatchObject({ samplesMs: [], threads: 2, lines: { first: 6, last: 15 } });
    const { p50Ms, p90Ms, ...others } = cell!.stated!;
    expect(p50Ms).toBeCloseTo(99.5086, 9);
    expect(p90Ms).toBeCloseTo(101.519, 9);
    expect(others).toMatchObject({ p50Is: 'median', n: 5, meanMs: 98.962 });
  });

  it.each([
    ['its result file', RESULT],
    ['its result file with statistics', `${RESULT}\nMin Latency is 0.0101sec\nP50 Latency is 0.0102sec\n`],
    [
      'its console with single runs',
      `iteration:1,time_cost:0.0101\niteration:2,time_cost:0.0103\niteration:3,time_cost:0.0102\n${CONSOLE}`,
    ],
  ])('brings samples from %s', async (_case, text) => {
    const [cell] = await read('onnxruntime-perf-test', text);
    expect(cell!.stated).toBeUndefined();
    expect(cell!.samplesMs.map((ms) => Math.round(ms * 1e9) / 1e9)).toEqual([10.1, 10.3, 10.2]);
  });

  it('has the mean stand in where there is no more', async () => {
    const [cell] = await read('onnxruntime-perf-test', 'Average inference time cost total: 62.5 ms\n');
    expect(cell!.stated).toEqual({ stated: true, p50Ms: 62.5, p50Is: 'mean', meanMs: 62.5 });
  });

  it.each([
    ['its console', CONSOLE],
    ['its result file', RESULT],
  ])('reads %s from another system: a byte order mark, and lines that end in CR LF', async (_case, text) => {
    const [cell] = await read('onnxruntime-perf-test', `\ufeff${text.replaceAll('\n', '\r\n')}`);
    expect(cell).toEqual((await read('onnxruntime-perf-test', text))[0]);
  });

  it.each([
    ['nothing of it', 'hello\n', 'line 1, column 1', /^what onnxruntime_perf_test prints/],
    ['a result file of two starts', RESULT + RESULT, 'line 4, column 1', /this is a second one$/],
    ['the output of two starts', CONSOLE + CONSOLE, 'line 22, column 1', /this is a second one$/],
    ['another unit', CONSOLE.replace('98.962 ms', '98.962 min'), 'line 6, column 37', /^a unit of/],
    [
      'a decimal comma',
      CONSOLE.replace('P50 Latency: 0.', 'P50 Latency: 0,'),
      'line 12, column 14',
      /without separators/,
    ],
    ['a negative time', RESULT.replace('0.0103', '-0.0103'), 'line 2, column 8', /above 0/],
  ])('refuses a log with %s', async (_case, text, place, expected) => {
    const [problem] = await problemsOf(read('onnxruntime-perf-test', text));
    expect(problem!.field).toBe(`a.log, ${place}`);
    expect(problem!.expected).toMatch(expected);
  });
});

describe("Triton's perf_analyzer", () => {
  const REPORT = `Concurrency,Inferences/Second,Client Send,Network+Server Send/Recv,Server Queue,Server Compute Input,Server Compute Infer,Server Compute Output,Client Recv,p50 latency,p90 latency,p95 latency,p99 latency
1,69.2,225,2148,64,206,11781,19,0,13891,18795,19753,21018
4,84.2,279,1604,33669,233,11731,18,1,47045,56545,59225,64886
`;
  const cell = (changes: object) => ({ file: 'a.log', operatingPoint: 'slow', ratio: 0, ...changes });

  it('states the percentiles of the row with the load', async () => {
    const cells = await read('triton-perf-analyzer', REPORT, [
      cell({ load: 1 }),
      cell({ load: 4, ratio: 0.5 }),
    ]);
    expect(cells).toMatchObject([
      {
        ...{ ratio: 0, samplesMs: [], lines: { first: 2, last: 2 } },
        stated: { stated: true, p50Ms: 13.891, p50Is: 'median', p90Ms: 18.795, p95Ms: 19.753, p99Ms: 21.018 },
      },
      { ratio: 0.5, stated: { p50Ms: 47.045 } },
    ]);
  });

  it('reads a report of another system: a byte order mark, and lines that end in CR LF', async () => {
    const [only] = await read('triton-perf-analyzer', `\ufeff${REPORT.replaceAll('\n', '\r\n')}`, [
      cell({ load: 4 }),
    ]);
    expect(only).toMatchObject({ lines: { first: 3, last: 3 }, stated: { p50Ms: 47.045, p99Ms: 64.886 } });
  });

  it('takes the only row without asking for its load, and an average of -v', async () => {
    const text = 'Request Rate,Client Recv,p50 latency,Avg latency\n20,0,5000,5100\n';
    const [only] = await read('triton-perf-analyzer', text);
    expect(only!.stated).toEqual({ stated: true, p50Ms: 5, p50Is: 'median', meanMs: 5.1 });
  });

  it.each([
    [
      'a load that is not there',
      REPORT,
      { load: 2 },
      'line 3',
      /^one row with the load 2, for slow at ratio 0$/,
    ],
    ['no load but several rows', REPORT, {}, 'line 3', /options.logs names the load/],
    ['a time that is none', REPORT.replace('13891', '0'), { load: 1 }, 'line 2, column p50 latency', /in us/],
    [
      'separators between thousands',
      REPORT.replace('13891', '"13,891"'),
      { load: 1 },
      'line 2, column p50 latency',
      /without separators/,
    ],
    [
      'no latency',
      'Concurrency,Client Send\n1,2\n',
      {},
      'line 1, column Avg latency',
      /^a column of this name/,
    ],
  ])('refuses %s', async (_case, text, changes, place, expected) => {
    const [problem] = await problemsOf(read('triton-perf-analyzer', text, [cell(changes)]));
    expect(problem!.field).toContain(`a.log, ${place}`);
    expect(problem!.expected).toMatch(expected);
  });
});
