import { mayScrape } from './scrape-access.js';

const from = (remoteAddress: string | undefined, headers: Record<string, string> = {}) =>
  mayScrape({ headers, socket: { remoteAddress } } as never, undefined);

test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('%s is this machine', (address) => {
  expect(from(address)).toBe(true);
});

test.each(['10.0.0.1', '1127.0.0.1', '::ffff:10.0.0.1', 'fe80::1', undefined])('%s is not', (address) => {
  expect(from(address)).toBe(false);
});
