import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { BenchOptions, BenchResult, BenchRow, Benchmark } from './benchmark.js';
import { GOALS } from './goals.js';
import { openFilledService, type FilledService, type TablesScale } from './latency-tables/filled-service.js';
import { writeSamples } from './latency-tables/write-samples.js';
import { median } from './median.js';

interface Scale extends TablesScale {
  readonly requests: number;
  readonly importedSamples: number;
}

const FULL: Scale = {
  ...{ devices: 1000, operatingPoints: 20, ratios: 10, samplesPerCell: 12 },
  ...{ requests: 300, importedSamples: 1_000_000 },
};
const QUICK: Scale = {
  ...{ devices: 3, operatingPoints: 2, ratios: 2, samplesPerCell: 3 },
  ...{ requests: 5, importedSamples: 1000 },
};
const MEBIBYTE = 2 ** 20;
const MEMORY_EVERY_MS = 50;

async function run(say: (text: string) => void, { quick }: BenchOptions): Promise<BenchResult> {
  const scale = quick ? QUICK : FULL;
  const service = await openFilledService(scale, say);
  try {
    say(`${scale.requests} requests of each kind, one after the other`);
    const pages = await pageRows(service, scale);
    say(`importing ${scale.importedSamples} samples`);
    return { rows: [...pages, ...(await importRows(service, scale))], settings: { ...scale } };
  } finally {
    await service.close();
  }
}

async function pageRows(service: FilledService, scale: Scale): Promise<BenchRow[]> {
  const { devices, tableIds } = service;
  const any = <T>(of: readonly T[], request: number): T => of[(request * 7919) % of.length]!;
  const pages = [
    ['latency_tables_list_page_ms', () => '/v1/latency-tables?limit=50', GOALS.latency_tables_list_page_ms],
    [
      'latency_tables_of_device_page_ms',
      (request: number) => `/v1/devices/${any(devices, request).id}/latency-tables`,
      undefined,
    ],
    [
      'latency_table_page_ms',
      (request: number) => `/v1/latency-tables/${any(tableIds, request)}`,
      GOALS.latency_table_page_ms,
    ],
    [
      'latency_cell_page_ms',
      (request: number) => `/v1/latency-tables/${any(tableIds, request)}/cells/0`,
      undefined,
    ],
  ] as const;
  const rows: BenchRow[] = [];
  for (const [name, pathOf, goal] of pages) {
    const { times, bytes } = await timed(service, pathOf, scale.requests);
    const p95Ms = [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)];
    const detail = { answerBytes: bytes, p95Ms, requestsMs: times };
    rows.push({ name, value: median(times), unit: 'ms', detail, ...(goal && { goal }) });
  }
  return rows;
}

async function timed({ url, headers }: FilledService, pathOf: (request: number) => string, requests: number) {
  const times: number[] = [];
  let bytes = 0;
  // The first fifth is a warm-up: connections are made and code is compiled.
  for (let request = -Math.ceil(requests / 5); request < requests; request++) {
    const begun = performance.now();
    const response = await fetch(url + pathOf(Math.abs(request)), { headers });
    const body = await response.arrayBuffer();
    if (!response.ok)
      throw new Error(`${response.url} answered ${response.status}: ${Buffer.from(body).toString()}`);
    bytes = body.byteLength;
    if (request >= 0) times.push(performance.now() - begun);
  }
  return { times, bytes };
}

async function importRows(
  { url, headers, folder, devices }: FilledService,
  scale: Scale,
): Promise<BenchRow[]> {
  const file = path.join(folder, 'samples.csv');
  await writeSamples(file, scale.importedSamples, scale);
  const form = new FormData();
  form.append('options', JSON.stringify({ format: 'csv', batch: 1 }));
  form.append('file', await openAsBlob(file), 'samples.csv');
  const memory = watchMemory();
  const begun = performance.now();
  const response = await fetch(`${url}/v1/devices/${devices[0]!.id}/latency-tables`, {
    method: 'POST',
    headers,
    body: form,
  });
  const answer = (await response.json()) as { sampleCount?: number };
  const seconds = (performance.now() - begun) / 1000;
  const grownMib = memory.stop();
  if (answer.sampleCount !== scale.importedSamples) {
    throw new Error(`the import was answered ${response.status}: ${JSON.stringify(answer)}`);
  }
  const detail = { samples: scale.importedSamples, fileBytes: (await stat(file)).size };
  const goal = GOALS.latency_import_seconds;
  return [
    { name: 'latency_import_seconds', value: seconds, unit: 's', goal, detail },
    { name: 'latency_import_memory_mib', value: grownMib, unit: 'MiB', detail },
  ];
}

/** How much more memory this process, server and client in one, has than before: the most at any time looked at. */
function watchMemory(): { stop(): number } {
  const before = process.memoryUsage.rss();
  let peak = before;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const timer = setInterval(look, MEMORY_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return (peak - before) / MEBIBYTE;
    },
  };
}

export const latencyTables: Benchmark = {
  summary:
    'milliseconds of pages of latency tables through the HTTP API, seconds of importing a million samples',
  run,
};
