import { createHash, generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ENVELOPE_SLOT, fillSlot, SigningKeys, sealReport, type SigningKeyRepository } from '#registry';
import { aStabilityReport, temporaryFolder } from '#testkit';
import { report } from './report.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
const jwk = publicKey.export({ format: 'jwk' });
const bundle = Buffer.from('a bundle');
const REPORT = aStabilityReport({
  bundle: { digest: createHash('sha256').update(bundle).digest('hex'), bytes: bundle.length },
});

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let files: Record<'json' | 'page' | 'key' | 'keys' | 'pem' | 'bundle', string>;
let page: string;
beforeAll(async () => {
  folder = await temporaryFolder('report');
  const notStored = { note: () => Promise.resolve() } as unknown as SigningKeyRepository;
  const signer = await new SigningKeys({ keys: notStored, ownKey: pem }).signer();
  const empty = `<!doctype html><p>Spread 1.13x</p>${ENVELOPE_SLOT}`;
  const envelope = sealReport(signer, {
    report: REPORT,
    page: empty,
    madeBy: { name: 'isochron', version: '0.1.0' },
  });
  page = fillSlot(empty, envelope);
  const other = { kty: 'RSA', n: 'x', e: 'AQAB' };
  files = {
    json: await inFolder('report.json', JSON.stringify({ report: REPORT, envelope })),
    page: await inFolder('report.html', page),
    key: await inFolder('key.jwk', JSON.stringify(jwk)),
    keys: await inFolder('keys.json', JSON.stringify({ keys: [other, jwk] })),
    pem: await inFolder('key.pem', publicKey.export({ format: 'pem', type: 'spki' })),
    bundle: await inFolder('digits-3.safetensors', bundle),
  };
});
afterAll(() => folder.remove());

const inFolder = async (name: string, content: string | Uint8Array): Promise<string> => {
  const file = path.join(folder.path, name);
  await writeFile(file, content);
  return file;
};

describe('npm run report -- verify', () => {
  test('says of a report what was signed, by which key, about what', async () => {
    const { exitCode, output, errors } = await report(['verify', files.json, '--keys', files.keys]);
    expect([exitCode, errors]).toEqual([0, '']);
    expect(output).toContain('OK. The report is as it was signed.');
    expect(output).toMatch(/Signed by +key [\w-]{43}\n/);
    expect(output).toMatch(/About +digits version 3 on board-1 /);
    expect(output).toMatch(/Clocks +EMULATED/);
    expect(output).toContain('cpu-040pct');
    expect(output).toContain('not compared (--bundle does)');
  });

  test('takes the page, its key as JWK or PEM, and compares the bundle', async () => {
    for (const key of [files.key, files.pem]) {
      const { exitCode, output } = await report([
        'verify',
        files.page,
        '--key',
        key,
        '--bundle',
        files.bundle,
      ]);
      expect(exitCode).toBe(0);
      expect(output).toContain('OK. The page is as it was signed');
      expect(output).toContain('which the given file has');
    }
  });

  test('prints what was signed as JSON', async () => {
    const { output } = await report(['verify', files.page, '--key', files.key, '--json']);
    const { statement } = JSON.parse(output) as { statement: { predicate: { report: unknown } } };
    expect(statement.predicate.report).toEqual(REPORT);
  });

  test('ends with 1 for a page with another figure, and for another bundle', async () => {
    const altered = await inFolder('altered.html', page.replace('1.13x', '1.01x'));
    const found = await report(['verify', altered, '--key', files.key]);
    expect(found).toMatchObject({ exitCode: 1, output: '' });
    expect(found.errors).toContain('NOT VALID: the page was altered');
    const wrong = await inFolder('other.safetensors', 'another bundle');
    const other = await report(['verify', files.json, '--key', files.key, '--bundle', wrong]);
    expect(other).toMatchObject({ exitCode: 1, output: '' });
    expect(other.errors).toContain('is another file than the report is about');
  });

  test('ends with 1 for a report that another key signed', async () => {
    const stranger = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    const key = await inFolder('stranger.jwk', JSON.stringify(stranger));
    const { exitCode, errors } = await report(['verify', files.json, '--key', key]);
    expect([exitCode, errors]).toEqual([1, expect.stringContaining('no signature is right')]);
  });

  test.each([
    [[], 'error: expected --key or --keys'],
    [['--keys', 'key'], 'expected a JWK set'],
    [['--key', 'keys'], 'is a set of keys: give it as --keys'],
    [['--key', 'missing'], 'cannot be read'],
    [['--key', 'page'], 'not valid JSON'],
    [['--key', 'key', '--keys', 'keys'], 'cannot be used with option'],
    [['--key', 'key', '--bundle', 'missing'], 'cannot be read'],
    [['--frobnicate'], 'unknown option'],
  ])('ends with 2 when it could not look: %j', async (options, message) => {
    const argv = options.map((each) =>
      each.startsWith('--') ? each : ((files as Record<string, string>)[each] ?? each),
    );
    const { exitCode, errors } = await report(['verify', files.json, ...argv]);
    expect([exitCode, errors]).toEqual([2, expect.stringContaining(message)]);
  });

  test('refuses a private key as a public one', async () => {
    const file = await inFolder('private.pem', pem);
    const { exitCode, errors } = await report(['verify', files.json, '--key', file]);
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('is a private key')]);
  });

  test('explains itself', async () => {
    const { exitCode, output } = await report(['verify', '--help']);
    expect([exitCode, output]).toEqual([
      0,
      expect.stringContaining('Exit status: 0 all is as it was signed'),
    ]);
  });
});
