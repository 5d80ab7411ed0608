import { checkReport, EnvelopeError, type CheckedReport } from '#registry';
import { digestOfFile } from '#runtime';
import { CommandError } from '../command-error.js';
import { readFileOf } from '../read-file.js';
import { publicKeys } from './public-keys.js';
import type { VerifyOptions } from './verify-options.js';

/**
 * @throws EnvelopeError when the report, or the bundle, is not what was signed
 * @throws CommandError when a file cannot be read, or no key is given
 */
export async function verify(file: string, options: VerifyOptions): Promise<CheckedReport> {
  const keys = await publicKeys(options);
  const checked = checkReport(await readFileOf(file), keys);
  if (options.bundle !== undefined) await checkBundle(options.bundle, checked);
  return checked;
}

async function checkBundle(file: string, { statement }: CheckedReport): Promise<void> {
  const found = await digestOf(file);
  const { model, version, bundle } = statement.predicate.report;
  if (found === bundle.digest) return;
  throw new EnvelopeError(
    `${file} is another file than the report is about: its SHA-256 is ${found}, that of ${model} version ${version} ` +
      `${bundle.digest}`,
  );
}

async function digestOf(file: string): Promise<string> {
  try {
    return (await digestOfFile(file)).digest;
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
