import { CommanderError } from 'commander';
import { EnvelopeError } from '#registry';
import { CommandError } from '../command-error.js';
import type { Finished } from '../finished.js';
import { checkedText } from './report-text.js';
import { reportCommand, type VerifyOptions } from './verify-options.js';
import { verify } from './verify.js';

/** Runs `npm run report` with the given arguments: 1 for a report that is not as it was signed, 2 for what the user can mend. */
export async function report(argv: readonly string[]): Promise<Finished> {
  let [output, errors] = ['', ''];
  let asked: { readonly file: string; readonly options: VerifyOptions } | undefined;
  const command = reportCommand((file, options) => void (asked = { file, options }));
  for (const each of [command, ...command.commands]) {
    each.exitOverride().configureOutput({
      writeOut: (text) => (output += text),
      writeErr: (text) => (errors += text),
    });
  }
  try {
    command.parse(argv, { from: 'user' });
    if (asked !== undefined) output += `${await verified(asked.file, asked.options)}\n`;
    return { exitCode: 0, output, errors };
  } catch (error) {
    if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2, output, errors };
    if (error instanceof EnvelopeError)
      return { exitCode: 1, output, errors: `NOT VALID: ${error.message}\n` };
    if (error instanceof CommandError) return { exitCode: 2, output, errors: `error: ${error.message}\n` };
    throw error;
  }
}

async function verified(file: string, options: VerifyOptions): Promise<string> {
  const checked = await verify(file, options);
  if (options.json) return JSON.stringify({ key: checked.key, statement: checked.statement }, null, 2);
  return checkedText(checked, options.bundle !== undefined);
}
