import { parse } from 'yaml';
import type { ModelCard, ModelVersion, VersionComparison, LineageGraph } from '#contracts';
import { publishMeasured } from '../testing/published-version.js';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let first: ModelVersion;
let second: ModelVersion;
let letters: ModelVersion;
beforeAll(async () => {
  api = await startTestApi();
  const { storage, actor } = api.store;
  first = await publishMeasured(storage, actor);
  second = await publishMeasured(storage, actor, { training: { learningRate: 0.1 } });
  letters = await publishMeasured(storage, actor, { model: 'letters' });
});
afterAll(() => api.close());

const MARKDOWN = { accept: 'text/markdown' };

test('the lineage of a version leads to what is there', async () => {
  const { status, body } = await api.get<LineageGraph>('/v1/models/digits/versions/1/lineage');
  expect(status).toBe(200);
  expect(body.nodes.find(({ key }) => key === body.root)).toMatchObject({ id: first.id });
  // Of the bundle no file was stored here.
  const read = body.nodes.filter(({ url, kind }) => url !== undefined && kind !== 'bundle');
  expect(read.map(({ kind }) => kind).sort()).toEqual([
    ...['calibration', 'dataset', 'deployment', 'device', 'job', 'latency-table', 'version'],
  ]);
  for (const { url, id } of read) {
    const answer = await api.get<{ id: string }>(url!);
    expect([url, answer.status, answer.body.id]).toEqual([url, 200, id]);
  }
});

describe('the model card', () => {
  test('is JSON, and Markdown for whoever asks for it', async () => {
    const card = await api.get<ModelCard>('/v1/models/digits/versions/1/card');
    expect(card.headers.get('content-type')).toContain('application/json');
    expect(card.headers.get('vary')).toContain('Accept');
    expect(card.body).toMatchObject({
      model: 'digits',
      version: 1,
      training: { options: { learningRate: 0.2 } },
    });
    const byHeader = await api.get<string>('/v1/models/digits/versions/1/card', MARKDOWN);
    const byQuery = await api.get<string>('/v1/models/digits/versions/1/card?format=markdown');
    expect(byHeader.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(byHeader.body).toBe(byQuery.body);
    const json = await api.get('/v1/models/digits/versions/1/card?format=json', MARKDOWN);
    expect(json.body).toEqual(card.body);
    const problem = expectProblem(
      await api.get('/v1/models/digits/versions/1/card?format=pdf'),
      400,
      'invalid_request',
    );
    expect(problem.errors).toEqual([
      { field: 'format', value: 'pdf', expected: 'one of "json", "markdown"' },
    ]);
  });

  test('says in Markdown what was trained, on what, and what was measured', async () => {
    const { body } = await api.get<string>('/v1/models/digits/versions/1/card', MARKDOWN);
    const sections = [...body.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(sections).toEqual([
      ...['Model details', 'Intended use', 'Limits', 'Training data', 'Training procedure', 'Accuracy'],
      ...['Latency', 'How to get it'],
    ]);
    expect(body).toContain('# digits, version 1');
    expect(body).toContain('| 0.5 | 95.00 | 500 | 50.00 | 500 |');
    expect(body).toContain('| slow | 0.5 | 95.00 | 12.0 (12.0–12.0) | 13.0 (13.0–13.0) | 13.0 | 3 | yes |');
    expect(body).toContain('**Clocks were EMULATED**');
    const { body: card } = await api.get<ModelCard>('/v1/models/digits/versions/1/card');
    const slow = card.deployments[0]!.points.find(({ operatingPoint }) => operatingPoint === 'slow');
    const { onnxDigest, latencyTable, measuredAt } = slow!.origin!.calibrated!;
    const [network, table] = [onnxDigest!, latencyTable.digest].map((digest) => digest.slice(0, 12));
    const origin = ['slow', '0.5', 'emulated', 'no', '3', measuredAt, `\`${network}\``];
    expect(body).toContain(`| ${origin.join(' | ')} | \`${table}\`, cell ${latencyTable.cell} |`);
    const { body: lineage } = await api.get<LineageGraph>('/v1/models/digits/versions/1/lineage');
    expect(lineage.nodes.find(({ id }) => id === latencyTable.id)).toMatchObject({
      digest: latencyTable.digest,
    });
    expect(body).toContain('| learningRate | `0.2` |');
    expect(body).toContain('- **Processor:** test (test)');
    expect(body).toContain('## Intended use\n\nNot stated.');
  });

  test('begins with what model hubs read', async () => {
    const { body } = await api.get<string>('/v1/models/digits/versions/1/card', MARKDOWN);
    const [, head] = /^---\n(.*?)\n---\n/s.exec(body)!;
    expect(parse(head!)).toMatchObject({
      ...{ library_name: 'isochron', pipeline_tag: 'image-classification', metrics: ['accuracy'] },
      tags: ['pruning', 'onnx'],
      'model-index': [
        {
          name: 'digits',
          results: [
            {
              task: { type: 'image-classification' },
              dataset: { split: 'test', revision: first.lineage.datasetDigest },
              metrics: [
                { type: 'accuracy', name: 'top-1 at ratio 0', value: 0.97 },
                { type: 'accuracy', name: 'top-1 at ratio 0.5', value: 0.95 },
              ],
            },
          ],
        },
      ],
    });
  });
});

describe('a comparison', () => {
  test('sets versions of a model side by side', async () => {
    const { status, body } = await api.get<VersionComparison>('/v1/models/digits/comparison?versions=1,2');
    expect(status).toBe(200);
    expect(body.versions.map(({ url }) => url)).toEqual([
      ...['/v1/models/digits/versions/1', '/v1/models/digits/versions/2'],
    ]);
    expect(body.settings).toEqual([{ setting: 'training.learningRate', values: [0.2, 0.1] }]);
    expect(body.devices.map(({ deviceId }) => deviceId)).toEqual([
      first.deployments[0]!.deviceId,
      second.deployments[0]!.deviceId,
    ]);
  });

  test('takes versions of other models too, in the order asked for', async () => {
    const { body } = await api.get<VersionComparison>('/v1/models/digits/comparison?versions=letters/1,2,1');
    const names = body.versions.map(({ model, version }) => `${model}/${version}`);
    expect(names).toEqual(['letters/1', 'digits/2', 'digits/1']);
    expect(body.versions[0]!.jobId).toBe(letters.lineage.jobId);
  });

  test('is a page of Markdown for whoever asks for it', async () => {
    const { body, headers } = await api.get<string>('/v1/models/digits/comparison?versions=1,2', MARKDOWN);
    expect(headers.get('content-type')).toContain('text/markdown');
    expect(body).toContain('# Versions side by side: digits/1, digits/2');
    expect(body).toContain('| ratio | digits/1 | digits/2 |');
    expect(body).toContain('| 0.5 | 95.00 | 95.00 (+0.00) |');
    expect(body).toContain('| training.learningRate | `0.2` | `0.1` |');
    expect(body).toContain(`## Latency on ${first.deployments[0]!.deviceName}`);
    expect(body).toContain('| slow | 13.0 (13.0–13.0) |  |');
  });

  test.each([
    ['', 'expected 2 to 10 versions'],
    ['?versions=1', 'expected 2 to 10 versions'],
    ['?versions=1,b', 'expected 2 to 10 versions'],
    ['?versions=1,1', 'expected different versions'],
    ['?versions=1,digits/1', 'expected different versions'],
    ['?versions=1,2,3,4,5,6,7,8,9,10,11', 'expected 2 to 10 versions'],
  ])('is refused without two to ten different versions: "%s"', async (query, expected) => {
    const problem = expectProblem(
      await api.get(`/v1/models/digits/comparison${query}`),
      400,
      'invalid_request',
    );
    expect(problem.errors?.[0]?.field).toBe('versions');
    if (query !== '') expect(problem.detail).toContain(expected);
  });

  test('with a version that is not there names it', async () => {
    const problem = expectProblem(
      await api.get('/v1/models/digits/comparison?versions=1,9'),
      404,
      'not_found',
    );
    expect(problem.detail).toContain('digits/9');
  });
});
