import { PassThrough } from 'node:stream';
import { PlainProgress } from './progress.js';
import { Terminal } from './terminal.js';

function capture(isTTY: boolean) {
  const output = Object.assign(new PassThrough(), { isTTY, columns: 100 });
  return { output, text: () => (output.read() as Buffer | null)?.toString() ?? '' };
}

describe('progress without a terminal', () => {
  test('is a plain line at most every two seconds, and one at the end', () => {
    const { output, text } = capture(false);
    let now = 0;
    const progress = new PlainProgress(
      'train',
      output,
      () => {},
      () => now,
    );
    for (now = 0; now < 5_000; now += 100) progress.update(now / 10_000, 'loss 0.5');
    progress.finish('3 epochs');
    expect(text()).toBe(
      'train: 0 %, loss 0.5\ntrain: 20 %, loss 0.5\ntrain: 40 %, loss 0.5\ntrain: 100 %, 3 epochs\n',
    );
  });
});

describe('progress on a terminal', () => {
  test('is one line that is redrawn, and makes room for messages', () => {
    const { output, text } = capture(true);
    const terminal = new Terminal(output, output);
    const progress = terminal.progress('train');
    progress.update(0.5, 'loss 0.5');
    terminal.say('hello');
    progress.finish();
    terminal.say('bye');
    const seen = text();
    expect(seen).toContain('hello\n');
    expect(seen).toMatch(/100 %/);
    expect(seen.endsWith('bye\n')).toBe(true);
    expect(seen).toContain('\u001b[?25h'); // the cursor is shown again
  });

  test('leaves the terminal usable when the process ends half-way', () => {
    const { output, text } = capture(true);
    const terminal = new Terminal(output, output);
    terminal.progress('train').update(0.3);
    terminal.close();
    expect(text()).toContain('\u001b[?25h');
  });
});
