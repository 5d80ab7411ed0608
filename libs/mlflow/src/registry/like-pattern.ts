/** Marks any text in a pattern, and one character. */
const ANY_TEXT = '%';
const ANY_CHARACTER = '_';

/**
 * Reads a pattern as SQL has it: `%` is any text, `_` one character. Telling whether a text is like it takes at most as many steps
 * as the product of their lengths, whatever the pattern.
 */
export function likePattern(pattern: string, ignoresCase: boolean): (text: string) => boolean {
  const charactersOf = ignoresCase ? foldedCharacters : (text: string) => [...text];
  const wanted = charactersOf(pattern);
  return (text) => isLike(charactersOf(text), wanted);
}

/** Where a character differs, only what the last `%` stands for grows: what the ones before it took fits already. */
function isLike(text: readonly string[], pattern: readonly string[]): boolean {
  let [at, next] = [0, 0];
  let afterAnyText: number | undefined;
  let restFrom = 0;
  while (at < text.length) {
    const wanted = pattern[next];
    if (wanted === ANY_TEXT) {
      afterAnyText = ++next;
      restFrom = at;
    } else if (wanted === ANY_CHARACTER || wanted === text[at]) {
      at++;
      next++;
    } else {
      if (afterAnyText === undefined) return false;
      next = afterAnyText;
      at = ++restFrom;
    }
  }
  while (pattern[next] === ANY_TEXT) next++;
  return next === pattern.length;
}

/** One by one, so that those which become two in upper case are one character to `_` all the same. */
const foldedCharacters = (text: string): string[] =>
  [...text].map((character) => character.toLowerCase().toUpperCase());
