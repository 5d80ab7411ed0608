import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { OutputLines } from './output-lines.js';

async function written(...chunks: (string | Buffer)[]): Promise<{ lines: string[]; tail: string }> {
  const stream = new PassThrough();
  const lines: string[] = [];
  const output = new OutputLines(stream, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await once(stream, 'close');
  return { lines, tail: output.tail() };
}

test('passes on lines, also those that come in parts and the last one', async () => {
  const umlaut = Buffer.from('für');
  const { lines, tail } = await written('one\ntw', 'o\r\n\n', umlaut.subarray(0, 2), umlaut.subarray(2));
  expect(lines).toEqual(['one', 'two', 'für']);
  expect(tail).toBe('one\ntwo\nfür');
});

test('keeps the last lines alone, and cuts very long ones', async () => {
  const { lines, tail } = await written('a\n'.repeat(100), 'x'.repeat(10_000));
  expect(lines).toHaveLength(101);
  expect(lines.at(-1)).toBe(`${'x'.repeat(4096)} …`);
  expect(tail.split('\n')).toHaveLength(20);
});
