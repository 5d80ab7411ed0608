import { InvalidArgumentError, type Command } from 'commander';
import { DATA_DIR_HELP, parseServer, wholeNumber } from '../option-values.js';
import { modelReferenceOf, USUAL_ALIAS, type ModelReference } from './model-reference.js';

export interface PullOptions {
  readonly reference: ModelReference;
  readonly folder: string;
  readonly server: URL | undefined;
  readonly device: string | undefined;
  /** Of the environment. */
  readonly apiKey: string | undefined;
  readonly dataDir: string;
  /** Seconds between looks; once where it is left out. */
  readonly watch: number | undefined;
  readonly json: boolean;
}

type Chosen = Omit<PullOptions, 'apiKey'>;

export function pullCommand(program: Command, dataDir: string, choose: (options: Chosen) => void): void {
  program
    .command('pull')
    .description(
      'fetch what this device is to run of a model: its bundle, and which ratio runs at which clock',
    )
    .argument(
      '<model>',
      `NAME@ALIAS, NAME/VERSION, or NAME for NAME@${USUAL_ALIAS}; "latest" is an alias too`,
      parseReference,
    )
    .requiredOption('--folder <path>', 'where it is kept; changed in one step, and by one process at a time')
    .option('--server <url>', 'where the Isochron API serves (the one enrolled with)', parseServer)
    .option('--device <id>', 'id of this device, as registered with the server (the one enrolled as)')
    .option(
      '--watch <seconds>',
      'go on looking for another version, deployment or addendum',
      wholeNumber(1, 86_400),
    )
    .option('--json', 'a line of JSON for every change', false)
    .option('--data-dir <path>', DATA_DIR_HELP, dataDir)
    .addHelpText('after', '\nEnvironment:\n  ISOCHRON_API_KEY  key for a device that did not enrol')
    .action((reference: ModelReference, options: Omit<Chosen, 'reference'>) =>
      choose({ ...options, reference }),
    );
}

function parseReference(text: string): ModelReference {
  const reference = modelReferenceOf(text);
  if (reference) return reference;
  throw new InvalidArgumentError(`"${text}", expected NAME, NAME@ALIAS or NAME/VERSION.`);
}
