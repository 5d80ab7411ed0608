import { canonicalDigest, canonicalJson } from './canonical-json.js';

test('gives the sample of RFC 8785, section 3.2.2, its one form', () => {
  const sample = `{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
    "literals": [null, true, false]}`;
  expect(canonicalJson(JSON.parse(sample))).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('sorts keys by their UTF-16 code units, as the RFC demands, not by code points', () => {
  const sample = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
  const keys = Object.keys(JSON.parse(canonicalJson(sample)) as object);
  expect(keys).toEqual(['1', '\r', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33']);
});

test('is the same whatever order and undefined keys an object has', () => {
  expect(canonicalDigest({ b: [1, { d: 2, c: undefined }], a: 'x' })).toBe(
    canonicalDigest({ a: 'x', b: [1, { d: 2 }], e: undefined }),
  );
  expect(canonicalDigest({ a: 1 })).not.toBe(canonicalDigest({ a: 2 }));
});

test.each([[Infinity], [NaN], ['\ud83d'], [() => {}]])('refuses %p, which JSON cannot say', (value) => {
  expect(() => canonicalJson({ value })).toThrow(TypeError);
});
