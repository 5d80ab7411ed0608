import { HttpTrackingServer } from './http-tracking-server.js';
import { FakeMlflow } from './mlflow-server.fixture.js';
import { trackingServerConformance } from './tracking-server.conformance.fixture.js';

let fake: FakeMlflow;
beforeEach(async () => {
  fake = await FakeMlflow.open();
});
afterEach(() => fake.close());

const never = new AbortController().signal;
const client = (authorization?: string, stop = never, timeoutMs?: number) =>
  new HttpTrackingServer(
    { url: fake.url, authorization, experimentName: undefined, teamId: undefined },
    stop,
    timeoutMs,
  );

trackingServerConformance('what tests have in place of MLflow', () => client());

test.each([
  [401, 'Unauthorized', /401: Unauthorized$/],
  [404, '<html>nothing here</html>', /404: <html>nothing here<\/html>$/],
  [429, JSON.stringify({ message: 'slowly' }), /429: slowly$/],
  [502, 'x'.repeat(5000), /502: x{200}$/],
])(
  'an answer %i that is not about the request says that the server is away',
  async (status, text, message) => {
    fake.breaks = () => [status, text];
    await expect(client().tagOf('run', 'a')).rejects.toMatchObject({
      failure: 'away',
      message: expect.stringMatching(message),
    });
  },
);

test('an answer that is not JSON, none at all, and none in time say so too', async () => {
  fake.breaks = () => [200, 'a page of a proxy'];
  await expect(client().experimentId('a')).rejects.toMatchObject({ failure: 'away' });
  fake.breaks = () => 'before';
  await expect(client().experimentId('a')).rejects.toMatchObject({ failure: 'away' });
  fake.breaks = () => 'never';
  await expect(client(undefined, never, 50).experimentId('a')).rejects.toMatchObject({ failure: 'away' });
  const stop = AbortSignal.abort(new Error('the service stops'));
  await expect(client(undefined, stop).experimentId('a')).rejects.toMatchObject({ failure: 'away' });
});

test('credentials go with every request', async () => {
  const server = client('Basic YWRhOnNlY3JldA==');
  const experimentId = await server.experimentId('a');
  await server.createRun({ experimentId, name: 'r', startTime: 0, tags: {} });
  expect([...fake.authorizations]).toEqual(['Basic YWRhOnNlY3JldA==']);
});
