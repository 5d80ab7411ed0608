import fc from 'fast-check';
import { generateKeyPairSync } from 'node:crypto';
import { STABILITY_PREDICATE, type StabilityStatement } from '#contracts';
import { aStabilityReport } from '#testkit';
import { EnvelopeError, sealEnvelope, type PublicJwk } from '../signing/dsse.js';
import { publicXOf, signerOf } from '../signing/jwk.js';
import { checkReport } from './check-report.js';
import { ENVELOPE_SLOT, fillSlot } from './page-slot.js';
import { IN_TOTO_PAYLOAD, sealReport } from './seal-report.js';

const { privateKey } = generateKeyPairSync('ed25519');
const signer = signerOf(privateKey);
const KEYS: PublicJwk[] = [{ kty: 'OKP', crv: 'Ed25519', x: publicXOf(privateKey), kid: signer.keyId }];

const report = aStabilityReport();
const page = `<!doctype html><p>Spread 2.50x → 1.13x, größer</p>${ENVELOPE_SLOT}</html>`;
const envelope = sealReport(signer, { report, page, madeBy: { name: 'isochron', version: '1' } });
const signedPage = fillSlot(page, envelope);

const check = (content: string | Buffer) => checkReport(Buffer.from(content), KEYS);
const json = (value: unknown) => JSON.stringify(value, null, 2);

describe('a report', () => {
  test('is checked as JSON however it is written, as a page, and as its envelope alone', () => {
    expect(check(json({ report, envelope }))).toMatchObject({ kind: 'report', key: KEYS[0] });
    expect(check(signedPage)).toMatchObject({ kind: 'page' });
    expect(check(json(envelope)).kind).toBe('envelope');
    const reordered = Object.fromEntries(Object.entries(report).reverse());
    expect(check(JSON.stringify({ envelope, report: reordered })).statement.predicate.report).toEqual(report);
  });

  test('is a statement about its bundle, and about files beside it', () => {
    const addenda = [{ digest: 'c'.repeat(64), bytes: 9, ratios: [0.4] }];
    const more = sealReport(signer, {
      report: { ...report, addenda },
      page,
      madeBy: { name: 'i', version: '1' },
    });
    expect(check(json(more)).statement.subject).toEqual([
      { name: 'digits-3.safetensors', digest: { sha256: report.bundle.digest } },
      { name: 'digits-3-addendum-0.4.safetensors', digest: { sha256: 'c'.repeat(64) } },
    ]);
  });

  test('whose readable figures were altered is refused', () => {
    const better = { ...report, points: report.points.map((point) => ({ ...point, accuracy: 0.999 })) };
    expect(() => check(json({ report: better, envelope }))).toThrow('the report was altered');
    expect(() => check(json({ report: { ...report, note: 'certified' }, envelope }))).toThrow('was altered');
  });

  test('that another key signed is refused', () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    const theirs = [{ kty: 'OKP' as const, crv: 'Ed25519' as const, x: publicXOf(other) }];
    expect(() => checkReport(Buffer.from(json({ report, envelope })), theirs)).toThrow(
      'no signature is right',
    );
  });

  test('that a newer service wrote says which kind it is', () => {
    const statement = { predicateType: 'urn:isochron:stability-report:2' };
    const newer = sealEnvelope(signer, IN_TOTO_PAYLOAD, Buffer.from(json(statement)));
    expect(() => check(json(newer))).toThrow(
      `what is signed is "urn:isochron:stability-report:2", expected "${STABILITY_PREDICATE}"`,
    );
    const other = sealEnvelope(signer, 'text/plain', Buffer.from('hello'));
    expect(() => check(json(other))).toThrow('what is signed is "text/plain"');
  });

  test('with fields that only newer services know is read, and they are signed too', () => {
    const statement = JSON.parse(Buffer.from(envelope.payload, 'base64').toString()) as StabilityStatement;
    const extended = { ...report, powerMw: 900 };
    const payload = { ...statement, predicate: { ...statement.predicate, report: extended } };
    const sealed = sealEnvelope(signer, IN_TOTO_PAYLOAD, Buffer.from(json(payload)));
    expect(check(json({ report: extended, envelope: sealed })).kind).toBe('report');
    expect(() => check(json({ report: { ...extended, powerMw: 1 }, envelope: sealed }))).toThrow(
      'was altered',
    );
  });

  test.each([
    ['', 'the file is not JSON'],
    ['[]', 'the file is no stability report'],
    ['null', 'the file is no stability report'],
    ['{"report": {}, "envelope": {}}', 'the file is no stability report'],
    ['{"payload": 1}', 'the envelope is no stability report'],
    ['<html></html>', 'has 0 signed reports in it, expected 1'],
  ])('that is none is refused with what is wrong: %s', (content, message) => {
    expect(() => check(content)).toThrow(message);
  });
});

describe('a page', () => {
  test.each([
    ['a figure', signedPage.replace('2.50x', '1.50x')],
    [
      'something more behind the envelope',
      signedPage.replace('</script>', '</script ><p>certified</p></script>'),
    ],
    ['an element that ends early', signedPage.replace('</script>', '</SCRIPT><p>x</p><script></script>')],
    ['a second envelope', signedPage + signedPage],
    ['its white space', `${signedPage}\n`],
  ])('with %s altered is refused', (_what, altered) => {
    expect(altered).not.toBe(signedPage);
    expect(() => check(altered)).toThrow(EnvelopeError);
  });

  test('around the report of another version is refused', () => {
    const later = sealReport(signer, {
      report: { ...report, version: 4 },
      page: `${page} `,
      madeBy: { name: 'i', version: '1' },
    });
    expect(() => check(fillSlot(page, later))).toThrow('the page was altered');
  });

  test('is refused whichever byte of it is another, but for the hint which key it was', () => {
    const bytes = Buffer.from(signedPage);
    const [hint, behind] = [bytes.indexOf('"keyid"'), bytes.indexOf('"sig"')];
    const place = fc.nat({ max: bytes.length - 1 });
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 255 }), (at, change) => {
        fc.pre(at < hint || at >= behind);
        const altered = Buffer.from(bytes);
        altered[at]! ^= change;
        expect(() => checkReport(altered, KEYS)).toThrow(EnvelopeError);
      }),
      { numRuns: 500 },
    );
  });

  test('has room for one envelope', () => {
    expect(() => fillSlot('<p></p>', envelope)).toThrow('the page has 0 slots');
    expect(() => fillSlot(page + ENVELOPE_SLOT, envelope)).toThrow('the page has 2 slots');
    expect(() => fillSlot(page, { a: '</script>' })).toThrow('could end its element');
  });
});
