import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readEvents, waitUntil } from '#testkit';
import { callerOf, dataFolder, launch, readyUrl, type DataFolder, type Launched } from './launched.js';
import { otlpReceiver, type OtlpReceiver, type ReceivedSpan } from './otlp-receiver.js';
import { registerMnist, TINY_TRAINING, tinyJob } from './tiny-job.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CALLER_SPAN = 'b7ad6b7169203331';
const TOKEN = 'a-token-of-some-length';

let data: DataFolder;
let collector: OtlpReceiver;
let service: Launched;
let base: string;
let jobId: string;
beforeAll(async () => {
  [data, collector] = [await dataFolder(), await otlpReceiver()];
  service = launch('main.js', ['--data-dir', data.path], {
    ...{ METRICS_PORT: '0', METRICS_TOKEN: TOKEN, OTEL_BSP_SCHEDULE_DELAY: '100' },
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
  });
  base = await readyUrl(service);
  const call = callerOf(data.path);
  const datasetId = await registerMnist(call, base);
  const submitted = await call(`${base}/v1/jobs`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-request-id': 'submission-1',
      traceparent: `00-${TRACE_ID}-${CALLER_SPAN}-01`,
    },
    body: JSON.stringify(tinyJob(datasetId, { training: { ...TINY_TRAINING, jointEpochs: 2 } })),
  });
  expect(submitted.status).toBe(202);
  jobId = ((await submitted.json()) as { id: string }).id;
  const events = await readEvents(call, `${base}/v1/jobs/${jobId}/events`);
  expect(events.at(-1)).toMatchObject({ data: { state: 'succeeded' } });
});

afterAll(async () => {
  service.process.kill('SIGINT');
  await service.exited;
  await collector.close();
  await data.remove();
});

const logOf = async (name: string) =>
  (await readFile(path.join(data.path, 'log', `${name}.log`), 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, any>);

test('one trace goes from the request through the queue into the worker, its training and the publication', async () => {
  const spanOf = (name: string, parent?: ReceivedSpan) =>
    collector
      .spans()
      .find((span) => span.name === name && (parent === undefined || span.parentSpanId === parent.spanId));
  await waitUntil('the last span', () => spanOf('publish'));
  const chain = [
    'POST /v1/jobs',
    'enqueue train.cpu',
    'process train.cpu',
    'enqueue light',
    'process light',
    'publish',
  ];
  await waitUntil('all spans', () => chain.every((name) => spanOf(name)));
  let parent: ReceivedSpan | undefined;
  for (const name of chain) {
    const span = spanOf(name, parent);
    expect([name, span?.traceId]).toEqual([name, TRACE_ID]);
    parent = span;
  }
  const request = spanOf('POST /v1/jobs')!;
  expect(request).toMatchObject({ parentSpanId: CALLER_SPAN, service: 'isochron-api' });
  expect(request.attributes).toMatchObject({
    ...{ 'http.route': '/v1/jobs', 'http.request.method': 'POST', 'http.response.status_code': 202 },
    ...{ 'isochron.job.id': jobId, 'isochron.request.id': 'submission-1' },
  });
  const handled = spanOf('process train.cpu')!;
  expect(handled.service).toBe('isochron-worker');
  expect(handled.attributes).toMatchObject({
    ...{ 'messaging.system': 'bullmq', 'messaging.destination.name': 'train.cpu' },
    ...{ 'isochron.job.id': jobId, 'isochron.job.stage': 'train', 'isochron.job.attempt': 1 },
  });
  const training = spanOf('train', handled)!;
  expect(training.attributes).toMatchObject({ 'process.pid': expect.any(Number), 'isochron.job.id': jobId });
  const phases = training.events.map(({ attributes }) => attributes['isochron.training.phase']);
  expect([...new Set(phases)]).toEqual(['mask', 'joint', 'recalibrate', 'evaluate']);
  expect(phases.filter((phase) => phase === 'joint')).toHaveLength(2);
});

test('every line about the job says job, stage, attempt and request, and in a worker which one', async () => {
  const about = (await logOf('worker')).filter((line) => line['jobId'] === jobId);
  expect(about.map(({ msg }) => msg as string)).toEqual(
    expect.arrayContaining(['work on a job begins', 'work on a job ended', 'published']),
  );
  for (const line of about) {
    expect(line).toMatchObject({
      ...{ stage: expect.stringMatching(/^(train|publish)$/), attempt: expect.any(Number) },
      ...{ worker: expect.any(String), traceId: TRACE_ID, requestId: 'submission-1' },
    });
  }
  const submission = (await logOf('api')).find(({ requestId }) => requestId === 'submission-1');
  expect(submission).toMatchObject({ jobId, status: 202, route: '/v1/jobs', traceId: TRACE_ID });
});

test('API and worker tell metrics to who has the token', async () => {
  const { url } = (await logOf('worker')).find(({ msg }) => msg === 'metrics are served')!;
  const metricsOf = async (from: string) => {
    expect((await fetch(`${from}/metrics`)).status).toBe(401);
    const answer = await fetch(`${from}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    return answer.text();
  };
  const ofWorker = await metricsOf(url as string);
  const joint = 'phase="joint",executor="onnxruntime",provider="cpu"';
  expect(ofWorker).toMatch(new RegExp(`^isochron_training_step_seconds_count{${joint}} [1-9]`, 'm'));
  expect(ofWorker).toContain(
    'isochron_message_handling_seconds_count{queue="train.cpu",stage="train",outcome="done"} 1',
  );
  const ofApi = await waitUntil('the newest state', async () => {
    const text = await metricsOf(base);
    return text.includes('isochron_job_duration_seconds_count{state="succeeded"} 1') ? text : undefined;
  });
  expect(ofApi).toContain('isochron_jobs{state="succeeded",stage="publish"} 1');
  expect(ofApi).toContain('isochron_job_stage_duration_seconds_count{stage="train",outcome="succeeded"} 1');
  expect(ofApi).toContain('isochron_queue_messages{queue="train.cpu",state="waiting"} 0');
});
