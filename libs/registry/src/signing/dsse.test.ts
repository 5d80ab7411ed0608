import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { EnvelopeError, openEnvelope, preAuthEncoding, sealEnvelope, type PublicJwk } from './dsse.js';
import { ed25519Key, publicXOf, signerOf, thumbprintOf } from './jwk.js';

/** RFC 8037, appendix A.1. */
const D = 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A';
const X = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
const RFC_KEY = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d: D, x: X }, format: 'jwk' });

function aKey(): { privateKey: ReturnType<typeof createPrivateKey>; jwk: PublicJwk } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const x = publicXOf(privateKey);
  return { privateKey, jwk: { kty: 'OKP', crv: 'Ed25519', x, kid: thumbprintOf(x) } };
}

const TYPE = 'application/vnd.in-toto+json';
const PAYLOAD = Buffer.from('{"steady":true}');

test('a key is called by the thumbprint of RFC 8037, appendix A.3', () => {
  expect(publicXOf(RFC_KEY)).toBe(X);
  expect(signerOf(RFC_KEY).keyId).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
});

test('what is signed is the encoding of the DSSE protocol, its lengths in bytes', () => {
  expect(preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world')).toString()).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
  expect(preAuthEncoding('ü', Buffer.from('ß')).toString()).toBe('DSSEv1 2 ü 2 ß');
});

test('an envelope opens with its key, among others, and says which it was', () => {
  const [mine, other] = [aKey(), aKey()];
  const envelope = sealEnvelope(signerOf(mine.privateKey), TYPE, PAYLOAD);
  const opened = openEnvelope(envelope, [other.jwk, mine.jwk]);
  expect(opened).toEqual({ payloadType: TYPE, payload: PAYLOAD, key: mine.jwk });
  expect(sealEnvelope(signerOf(mine.privateKey), TYPE, PAYLOAD)).toEqual(envelope);
});

test('the name of the key in an envelope is not believed, and not needed', () => {
  const [mine, other] = [aKey(), aKey()];
  const envelope = sealEnvelope(signerOf(mine.privateKey), TYPE, PAYLOAD);
  const [signature] = envelope.signatures;
  const renamed = { ...envelope, signatures: [{ sig: signature!.sig, keyid: other.jwk.kid }] };
  expect(openEnvelope(renamed, [mine.jwk]).key).toEqual(mine.jwk);
  expect(() => openEnvelope(renamed, [other.jwk])).toThrow(EnvelopeError);
  expect(() => openEnvelope(renamed, [other.jwk])).toThrow(/was altered: the key that it names/);
  expect(() => openEnvelope(envelope, [other.jwk])).toThrow(/signed by a key that is not given/);
  expect(() => openEnvelope(envelope, [])).toThrow(/given: none/);
});

test.each([
  ['its payload', { payload: Buffer.from('{"steady":false}').toString('base64') }],
  ['its type', { payloadType: 'application/json' }],
  ['its signature', { signatures: [{ sig: Buffer.alloc(64).toString('base64') }] }],
  ['its signature, cut off', { signatures: [{ sig: 'AAAA' }] }],
  ['its base64, with what does not belong there', { payload: `${PAYLOAD.toString('base64')} ` }],
])('an envelope is refused when someone altered %s', (_what, change) => {
  const { privateKey, jwk } = aKey();
  const envelope = sealEnvelope(signerOf(privateKey), TYPE, PAYLOAD);
  expect(() => openEnvelope({ ...envelope, ...change }, [jwk])).toThrow(EnvelopeError);
});

test('a key of another kind is refused with what it is', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  expect(() => ed25519Key(pem)).toThrow('expected an Ed25519 private key, got ec');
});
