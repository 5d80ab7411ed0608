import { hostname } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CLOCK_AXES, DEFAULT_AXES, DEFAULT_MAX_POINTS, type ClockAxis, type EmulationChoice } from '#edge';
import { isochronVersion } from '#runtime';
import { inferCommand, type InferOptions } from './infer/infer-command.js';
import { DATA_DIR_HELP, parseServer, wholeNumber } from './option-values.js';
import { pullCommand, type PullOptions } from './pull/pull-command.js';

/** What the server takes of a chip's or a model's name. */
export const LONGEST_NAME = 200;

export interface RunOptions {
  readonly server: URL | undefined;
  readonly device: string | undefined;
  /** Of the environment, since command lines are seen by every user of a machine. */
  readonly apiKey: string | undefined;
  readonly name: string;
  readonly realClocks: boolean;
  readonly clockController: EmulationChoice;
  readonly recorded: string | undefined;
  readonly seed: number;
  readonly sysfs: string;
  readonly dataDir: string;
  readonly once: boolean;
  readonly threads: number | undefined;
}

export interface PointsOptions {
  readonly clocks: readonly ClockAxis[];
  readonly maxPoints: number;
  readonly sysfs: string;
}

export type EnrolOptions = PointsOptions & {
  readonly server: URL;
  readonly key: string;
  readonly name: string;
  readonly soc: string | undefined;
  readonly label: Readonly<Record<string, string>> | undefined;
  readonly emulate: boolean;
  readonly dataDir: string;
};

export type CommandLine =
  | { readonly command: 'run'; readonly options: RunOptions }
  | { readonly command: 'enrol'; readonly options: EnrolOptions }
  | { readonly command: 'pull'; readonly options: PullOptions }
  | { readonly command: 'infer'; readonly options: InferOptions }
  | { readonly command: 'points'; readonly options: PointsOptions & { readonly json: boolean } };

/** What the environment says. */
interface Environment {
  readonly dataDir: string;
  readonly apiKey: string | undefined;
}

/** Reads the arguments; prints help or what is wrong with them and ends the process, as command lines do. */
export function parseCommandLine(argv: readonly string[], { dataDir, apiKey }: Environment): CommandLine {
  let chosen: CommandLine | undefined;
  const program = new Command('isochron-agent')
    .description(
      'Measures networks on this device for an Isochron server (leases measuring tasks, holds each operating point, ' +
        'times every network with onnxruntime-node and uploads the samples), fetches published models and runs them.',
    )
    .version(isochronVersion());
  runCommand(program, dataDir, (options) => (chosen = { command: 'run', options: { ...options, apiKey } }));
  enrolCommand(program, dataDir, (options) => (chosen = { command: 'enrol', options }));
  pullCommand(program, dataDir, (options) => (chosen = { command: 'pull', options: { ...options, apiKey } }));
  inferCommand(program, (options) => (chosen = { command: 'infer', options }));
  pointsCommand(program, (options) => (chosen = { command: 'points', options }));
  program.parse(argv);
  return chosen!;
}

function runCommand(
  program: Command,
  dataDir: string,
  choose: (options: Omit<RunOptions, 'apiKey'>) => void,
): void {
  program
    .command('run', { isDefault: true })
    .description('measure, task after task; an enrolled agent needs no options')
    .option('--server <url>', 'where the Isochron API serves (the one enrolled with)', parseServer)
    .option('--device <id>', 'id of this device, as registered with the server (the one enrolled as)')
    .option('--name <name>', "the agent's name, for the server's records", hostname())
    .option(
      '--real-clocks',
      'pin real clocks (cpufreq, devfreq; needs root); they are put back at the end',
      false,
    )
    .addOption(
      new Option('--clock-controller <kind>', 'how slower clocks are emulated without --real-clocks')
        .choices(['auto', 'quota', 'duty-cycle'])
        .default('auto'),
    )
    .option(
      '--recorded <file>',
      'replay the sampled cells of a latency table (JSON: docs/agent.md) in place of measuring; for demonstrations',
    )
    .option('--seed <n>', 'which of the recorded samples are drawn', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--sysfs <path>', 'where the kernel shows its clocks', '/sys')
    .option('--data-dir <path>', DATA_DIR_HELP, dataDir)
    .addHelpText('after', '\nEnvironment:\n  ISOCHRON_API_KEY  key for a device that did not enrol')
    .option('--once', 'end after one task; exit code 1 when it failed', false)
    .option('--threads <n>', "threads that a network runs on, in place of the task's", wholeNumber(1, 64))
    .action(choose);
}

function enrolCommand(program: Command, dataDir: string, choose: (options: EnrolOptions) => void): void {
  const command = program
    .command('enrol')
    .description('find the operating points of this device and register it with a server')
    .requiredOption('--server <url>', 'where the Isochron API serves', parseServer)
    .requiredOption('--key <key>', 'an enrolment key of the server')
    .option('--name <name>', "the device's name: a-z, 0-9, '.', '_' and '-'", deviceName())
    .option('--soc <name>', "the device's chip, in place of what the kernel calls it", parseSoc)
    .option('--label <key=value>', 'a label of the device; may be given several times', addLabel)
    .option('--emulate', 'register emulated points even where clocks can be pinned', false)
    .option('--data-dir <path>', DATA_DIR_HELP, dataDir);
  withPointOptions(command).action(choose);
}

function pointsCommand(
  program: Command,
  choose: (options: PointsOptions & { readonly json: boolean }) => void,
): void {
  const command = program
    .command('points')
    .description('show the clocks of this device and the operating points that it would register')
    .option('--json', 'as JSON', false);
  withPointOptions(command).action(choose);
}

function withPointOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--clocks <kinds>', 'clocks that differ from point to point: cpu,gpu,mem')
        .argParser(parseAxes)
        .default([...DEFAULT_AXES], DEFAULT_AXES.join()),
    )
    .option(
      '--max-points <n>',
      'at most so many points, spread evenly',
      wholeNumber(2, 200),
      DEFAULT_MAX_POINTS,
    )
    .option('--sysfs <path>', 'where the kernel shows its clocks', '/sys');
}

/** The host's name as far as a device's name may hold it. */
function deviceName(): string {
  const cleaned = hostname()
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return cleaned.slice(0, 63) || 'device';
}

function parseSoc(text: string): string {
  if (text.length > 0 && text.length <= LONGEST_NAME) return text;
  throw new InvalidArgumentError(`"${text}", expected 1 to ${LONGEST_NAME} characters.`);
}

function addLabel(text: string, labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, key, value] = /^([^=]{1,63})=(.{0,255})$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) {
    throw new InvalidArgumentError(
      `"${text}", expected key=value: a key of 1 to 63 characters, at most 255 behind it.`,
    );
  }
  if (Object.hasOwn(labels, key)) throw new InvalidArgumentError(`"${key}" is given twice.`);
  return { ...labels, [key]: value };
}

function parseAxes(text: string): ClockAxis[] {
  const named = text.split(',');
  const axes = CLOCK_AXES.filter((axis) => named.includes(axis));
  if (named.length > 0 && axes.length === named.length) return axes;
  throw new InvalidArgumentError(`"${text}", expected some of cpu, gpu, mem, separated by commas.`);
}
