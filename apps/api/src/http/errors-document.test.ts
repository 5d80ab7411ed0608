import { readFile } from 'node:fs/promises';
import { errorsDocument } from './errors-document.js';

test('docs/errors.md is what the catalogue of errors says', async () => {
  const written = await readFile(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  expect(unaligned(written)).toBe(unaligned(errorsDocument()));
});

/** Without the padding of a table's cells, which is the formatter's. */
function unaligned(markdown: string): string {
  return markdown.replace(/ +\|/g, ' |').replace(/\| +/g, '| ').replace(/-{3,}/g, '---');
}
