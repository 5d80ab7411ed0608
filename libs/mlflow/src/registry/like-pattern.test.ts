import fc from 'fast-check';
import { likePattern } from './like-pattern.js';

test.each([
  ['digits', 'digits', true],
  ['digits', 'digit', false],
  ['', '', true],
  ['', 'a', false],
  ['%', '', true],
  ['%', 'a', true],
  ['_', '', false],
  ['_', '😀', true],
  ['a%', 'ba', false],
  ['%a', 'ab', false],
  ['%ab%ab%', 'aab', false],
  ['%ab%ab', 'aabaabab', true],
  ['a%_b', 'ab', false],
  ['a%_b', 'axxb', true],
  ['50\\%', '50\\ and more', true],
  ['.*[', '.*[', true],
  ['a\nb%', 'a\nb\nc', true],
])('%j of %j: %j', (pattern, text, isLike) => {
  expect(likePattern(pattern, false)(text)).toBe(isLike);
});

test.each([
  ['STRAẞE', 'straße', true],
  ['ΟΔΟΣ', 'οδος', true],
  ['stra__e', 'STRASSE', true],
  ['stra_e', 'STRAßE', true],
  ['a', 'b', false],
])('%j of %j, whatever the case: %j', (pattern, text, isLike) => {
  expect(likePattern(pattern, true)(text)).toBe(isLike);
});

test('finds what a regular expression finds', () => {
  const letters = (alphabet: string) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 8 });
  fc.assert(
    fc.property(letters('ab%_'), letters('ab'), (pattern, text) => {
      const expression = new RegExp(`^${pattern.replaceAll('%', '.*').replaceAll('_', '.')}$`);
      expect(likePattern(pattern, false)(text)).toBe(expression.test(text));
    }),
  );
});
