import type dns from 'node:dns';
import { AddressPolicy } from './address-policy.js';
import { HttpWebhookSender } from './http-webhook-sender.js';
import { answers, Receiver } from './receiver.fixture.js';

let receiver: Receiver;
beforeAll(async () => void (receiver = await Receiver.open()));
afterAll(() => receiver.close());

const open = new AddressPolicy(true);
const closed = new AddressPolicy(false);
const send = (sender: HttpWebhookSender, url: string) => sender.post({ url, headers: {}, body: '{}' });
const post = async (sender: HttpWebhookSender, url: string) => (await send(sender, url)).answer;

/** A name service that gives every name these addresses. */
function resolvingTo(...addresses: string[]): typeof dns.lookup {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const lookup = (_name: string, _options: unknown, callback: (error: null, all: typeof found) => void) =>
    callback(null, found);
  return lookup as unknown as typeof dns.lookup;
}

describe('the policy of addresses', () => {
  test.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1:248:1893:25c8:1946'])(
    '%s is public: over https alone',
    (address) => {
      expect([closed, open].map((policy) => policy.allows(address, 'https:'))).toEqual([true, true]);
      expect([closed, open].map((policy) => policy.allows(address, 'http:'))).toEqual([false, false]);
    },
  );

  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '::1',
    'fd12::1',
    '::ffff:10.0.0.1',
  ])('%s is private: where the service allows it', (address) => {
    expect([closed, open].map((policy) => policy.allows(address, 'https:'))).toEqual([false, true]);
    expect([closed, open].map((policy) => policy.allows(address, 'http:'))).toEqual([false, true]);
  });

  test.each([
    ...['169.254.169.254', '100.100.100.200', '168.63.129.16', '0.0.0.0', '224.0.0.1', '255.255.255.255'],
    ...['fe80::1', 'fe80::1%eth0', 'fd00:ec2::254', '::', 'ff02::1', '64:ff9b::a9fe:a9fe'],
    ...['::ffff:169.254.169.254', '::ffff:8.8.8.8', '2002:a9fe:a9fe::1', '2001:db8::1'],
  ])('%s is never posted to', (address) => {
    for (const policy of [closed, open]) expect(policy.allows(address, 'https:')).toBe(false);
  });

  test.each([
    [closed, 'https://example.com/hook', undefined],
    [closed, 'http://example.com/hook', 'an https URL'],
    [closed, 'https://127.0.0.1/', 'a public address over https'],
    [closed, 'https://2130706433/', 'a public address over https'],
    [open, 'http://127.0.0.1:8080/', undefined],
    [open, 'http://[::1]/', undefined],
    [open, 'http://localhost/', undefined],
    [open, 'http://8.8.8.8/', 'a public address over https, or a private one'],
    [
      open,
      'https://169.254.169.254/latest',
      'a public address over https, or a private one, never a link-local one',
    ],
    [closed, 'https://[fe80::1]/', 'a public address over https, never a link-local one'],
    [open, 'ftp://example.com/', 'an https URL, or an http URL of a private address'],
    [open, 'https://ada:secret@example.com/', 'a URL without user and password'],
  ])('%#: %s', (policy, url, objection) => {
    expect(policy.objectionTo(url)).toBe(objection);
  });
});

describe('the sender', () => {
  test('refuses an address in place of a name, and connects to nothing', async () => {
    const before = receiver.received.length;
    expect(await post(new HttpWebhookSender(closed), receiver.url)).toEqual({
      error: '127.0.0.1 is not posted to: expected a public address over https',
      durationMs: expect.any(Number),
    });
    expect(receiver.received).toHaveLength(before);
  });

  test('refuses a name whose address is not allowed, whatever the name was when it was checked', async () => {
    const metadata = new HttpWebhookSender(open, 5_000, resolvingTo('169.254.169.254', 'fe80::1'));
    const url = 'https://innocent.example/';
    expect((await post(metadata, url)).error).toContain('innocent.example is not posted to');
    const loopback = new HttpWebhookSender(closed, 5_000, resolvingTo('127.0.0.1'));
    expect((await post(loopback, url)).error).toContain('innocent.example is not posted to');
  });

  test('connects to the allowed addresses of a name alone', async () => {
    const sender = new HttpWebhookSender(open, 5_000, resolvingTo('169.254.169.254', '127.0.0.1'));
    expect(await post(sender, receiver.url.replace('127.0.0.1', 'two.example'))).toMatchObject({
      status: 204,
    });
  });

  test('reads how an answer begins, and no more of it', async () => {
    receiver.reply = (response) => {
      response.writeHead(200);
      const flood = () => void (response.destroyed || response.write('x'.repeat(65_536), flood));
      flood();
    };
    const answer = await post(new HttpWebhookSender(open), receiver.url);
    expect(answer).toMatchObject({ status: 200, responseExcerpt: 'x'.repeat(1024) });
  });

  test('takes the status of an answer whose body does not end', async () => {
    receiver.reply = (response) => void response.writeHead(200).write('so far\0');
    const answer = await post(new HttpWebhookSender(open, 200), receiver.url);
    expect(answer).toMatchObject({ status: 200, responseExcerpt: 'so far\uFFFD' });
  });

  test('says why there is no answer', async () => {
    const gone = await Receiver.open();
    const { url } = gone;
    gone.close();
    expect((await post(new HttpWebhookSender(open), url)).error).toContain('ECONNREFUSED');
    receiver.reply = (response) => void response.destroy();
    expect((await post(new HttpWebhookSender(open), receiver.url)).error).toContain('socket hang up');
  });

  test.each([
    ['30', 30_000],
    ['0', undefined],
    ['soon', undefined],
  ])('reads Retry-After: %s', async (header, ms) => {
    receiver.reply = answers(503, '', { 'retry-after': header });
    expect((await send(new HttpWebhookSender(open), receiver.url)).retryAfterMs).toBe(ms);
  });

  test('reads a date in Retry-After', async () => {
    receiver.reply = answers(503, '', { 'retry-after': new Date(Date.now() + 60_000).toUTCString() });
    const { retryAfterMs } = await send(new HttpWebhookSender(open), receiver.url);
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });
});
