/** Runs as MLflow's own server, from PyPI, keeps them. */
import type { Batch } from '#mlflow';
import { pythonEnvironment } from '#testkit';
import { HttpTrackingServer } from './http-tracking-server.js';
import { MLFLOW } from '../mlflow-release.fixture.js';
import { startMlflow } from './mlflow-process.fixture.js';
import { trackingServerConformance } from './tracking-server.conformance.fixture.js';

const found = await pythonEnvironment([MLFLOW]);
const why = typeof found === 'string' ? found : '';
const mlflow = typeof found === 'string' ? undefined : await startMlflow(found);
afterAll(async () => {
  await mlflow?.stop();
  if (typeof found !== 'string') found.remove();
});

const open = () =>
  new HttpTrackingServer(
    { url: mlflow!.url, authorization: undefined, experimentName: undefined, teamId: undefined },
    new AbortController().signal,
  );

if (mlflow === undefined) test.skip(`skipped: ${why}`, () => {});
else {
  trackingServerConformance('MLflow', open);

  test('MLflow has a metric once, however often it is told, with whatever tags', async () => {
    const server = open();
    const experimentId = await server.experimentId('repeated');
    const runId = await server.createRun({ experimentId, name: 'r', startTime: 1, tags: {} });
    const metric = { key: 'loss/all-in-one/joint', value: 1 / 3, timestamp: Date.UTC(2030, 0, 2) };
    const metrics = Array.from({ length: 20 }, (_, index) => ({ ...metric, step: 1 + index }));
    const tell = (batch: Batch) => server.logBatch(runId, batch);
    await tell({ metrics, tags: { 'isochron.sequence': '1' } });
    await tell({ metrics: [...metrics, { ...metric, step: 21 }], tags: { 'isochron.sequence': '2' } });
    const key = encodeURIComponent(metric.key);
    const history = await fetch(
      `${mlflow.url}/api/2.0/mlflow/metrics/get-history?run_id=${runId}&metric_key=${key}`,
    );
    const { metrics: kept } = (await history.json()) as { metrics: { step: number }[] };
    expect(kept.map(({ step }) => step)).toEqual(Array.from({ length: 21 }, (_, index) => 1 + index));
  });
}
