import { createLogger } from '#runtime';
import { waitUntil } from '#testkit';
import { NETWORK, POINTS } from './agent-world.fixture.js';
import { holdLease } from './hold-lease.js';
import { keepTrying } from './keep-trying.js';
import { LeaseServer } from './lease-server.fixture.js';
import { Outage } from './outage.js';
import { ServerClient } from './server-client.js';

let server: LeaseServer;
let client: ServerClient;
let text: string;
let outage: Outage;
beforeEach(async () => {
  server = await LeaseServer.start();
  client = new ServerClient(new URL(server.url));
  text = '';
  outage = new Outage(createLogger('agent', 'info', { write: (line: string) => void (text += line) }));
});
afterEach(() => server.stop());

const { signal } = new AbortController();
const leaseRequest = () => ({ deviceId: server.device, agent: { name: 'a', version: '1' }, waitSeconds: 0 });
const lines = () =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { level: number; msg: string; err?: object });

test('a server that is away is a line when that begins and a line when it is back, whatever is asked of it', async () => {
  const task = server.add(NETWORK, POINTS, [0]);
  const leased = (await client.lease(leaseRequest(), signal))!;
  server.down = true;
  const lease = holdLease(client, leased, outage);
  const completing = keepTrying('complete', () => client.complete(leased, signal), { signal, outage });
  await waitUntil('both were tried several times', () => server.refused >= 6);
  expect(lines()).toHaveLength(1);
  server.down = false;
  await completing;
  await waitUntil('the lease was asked for too', () => task.heartbeats > 0 || lease.lost.aborted);
  await waitUntil('it is told', () => lines().length > 1);
  lease.release();
  expect(lines()).toEqual([
    expect.objectContaining({
      level: 40,
      msg: expect.stringMatching(/^could not .*, will try again: fetch failed/),
    }),
    expect.objectContaining({ level: 30, msg: 'the server answers again' }),
  ]);
  expect(lines()[0]).not.toHaveProperty('err');
});

test('an extension of the lease says why nothing is measured, for as long as that is so', async () => {
  const task = server.add(NETWORK, POINTS, [0]);
  const lease = holdLease(client, (await client.lease(leaseRequest(), signal))!, outage);
  lease.waits('it is hot');
  await waitUntil('it is said', () => task.waits.includes('it is hot'));
  lease.waits(undefined);
  await waitUntil('it is not said any more', () => task.waits.at(-1) === undefined);
  lease.release();
  expect(lines()).toEqual([]);
});

test('what nobody waits for any more does not make it a server that answers', async () => {
  server.down = true;
  const abort = new AbortController();
  const asked = keepTrying('lease', () => client.lease(leaseRequest(), abort.signal), {
    ...{ signal: abort.signal, outage },
  });
  await waitUntil('it was tried', () => server.refused > 0);
  abort.abort(new Error('stopping'));
  await expect(asked).rejects.toThrow('stopping');
  expect(lines().map(({ level }) => level)).toEqual([40]);
});
