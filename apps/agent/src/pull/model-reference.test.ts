import { modelReferenceOf } from './model-reference.js';

test.each([
  ['digits', { model: 'digits', alias: 'production' }],
  ['digits@latest', { model: 'digits', alias: 'latest' }],
  ['digits-2.0/12', { model: 'digits-2.0', version: 12 }],
])('%s names a version', (text, reference) => {
  expect(modelReferenceOf(text)).toEqual(reference);
});

test.each(['', 'Digits', 'digits@', 'digits/0', 'digits/x', 'digits/1@a', '../digits', 'digits/1/2'])(
  '"%s" names none',
  (text) => expect(modelReferenceOf(text)).toBeUndefined(),
);
