import { Command, Option } from 'commander';

export interface VerifyOptions {
  readonly key?: string;
  readonly keys?: string;
  readonly bundle?: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  curl -s $API/v1/signing-keys > keys.json             # once, from a service that you trust
  npm run report -- verify report.json --keys keys.json
  npm run report -- verify report.html --keys keys.json --bundle digits-1.safetensors

Exit status: 0 all is as it was signed, 1 it is not, 2 the command could not look.`;

/** The command, not yet parsed; `verify` is told of a file with its options. */
export function reportCommand(verify: (file: string, options: VerifyOptions) => void): Command {
  const command = new Command('npm run report --')
    .description('Checks stability reports without a service, a database or a network.')
    .showHelpAfterError('(--help lists the commands)');
  command
    .command('verify <file>')
    .description(
      'Whether a stability report (JSON, HTML page or DSSE envelope) is what a key has signed: the figures, all that the page ' +
        'shows, and the bundle that they are about. Prints what was signed.',
    )
    .addOption(new Option('--key <file>', 'public key: a JWK, or PEM').conflicts('keys'))
    .addOption(new Option('--keys <file>', 'public keys: a JWK set, as GET /v1/signing-keys answers'))
    .option('--bundle <file>', 'the file that the report is to be about')
    .option('--json', 'print what was signed as JSON')
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(false)
    .action(verify);
  return command;
}
