import { CommanderError } from 'commander';
import { planCommand, type PlanOptions } from './command-line.js';
import { CommandError } from '../command-error.js';
import type { Finished } from '../finished.js';
import { planOfBundle, planOfNetwork } from './plans.js';
import { planText } from './plan-text.js';

/** Runs `npm run plan` with the given arguments. It exits with 2 for whatever the user can mend. */
export async function plan(argv: readonly string[]): Promise<Finished> {
  let [output, errors] = ['', ''];
  const command = planCommand()
    .exitOverride()
    .configureOutput({ writeOut: (text) => (output += text), writeErr: (text) => (errors += text) });
  try {
    command.parse(argv, { from: 'user' });
    output += `${await rendered(command.opts<PlanOptions>())}\n`;
    return { exitCode: 0, output, errors };
  } catch (error) {
    if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2, output, errors };
    if (error instanceof CommandError)
      return { exitCode: 2, output, errors: `${errors}error: ${error.message}\n` };
    throw error;
  }
}

async function rendered(options: PlanOptions): Promise<string> {
  const found = options.bundle === undefined ? await planOfNetwork(options) : await planOfBundle(options);
  return options.json ? JSON.stringify(found, null, 2) : planText(found);
}
