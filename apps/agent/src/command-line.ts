import { hostname } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { EmulationChoice } from '#edge';

export interface CommandLine {
  readonly server: URL;
  readonly device: string;
  readonly name: string;
  readonly realClocks: boolean;
  readonly clockController: EmulationChoice;
  readonly dataDir: string;
  readonly once: boolean;
  readonly threads: number | undefined;
}

/** Reads the arguments; prints help or what is wrong with them and ends the process, as command lines do. */
export function parseCommandLine(argv: readonly string[], dataDir: string): CommandLine {
  return new Command('isochron-agent')
    .description(
      'Measures networks on this device for an Isochron server: leases measuring tasks, holds each operating point, ' +
        'times every network with onnxruntime-node and uploads the samples.',
    )
    .requiredOption('--server <url>', 'where the Isochron API serves', parseServer)
    .requiredOption('--device <id>', 'id of this device, as registered with the server')
    .option('--name <name>', "the agent's name, for the server's records", hostname())
    .option(
      '--real-clocks',
      "pin the CPU's real clocks (cpufreq, needs root); they are put back at the end",
      false,
    )
    .addOption(
      new Option('--clock-controller <kind>', 'how slower clocks are emulated without --real-clocks')
        .choices(['auto', 'quota', 'duty-cycle'])
        .default('auto'),
    )
    .option(
      '--data-dir <path>',
      'keeps downloaded networks, and the saved clocks while they are pinned',
      dataDir,
    )
    .option('--once', 'end after one task; exit code 1 when it failed', false)
    .option('--threads <n>', "threads that a network runs on, in place of the task's", parseThreads)
    .parse(argv)
    .opts<CommandLine>();
}

function parseServer(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new InvalidArgumentError(`"${text}", expected an http or https URL.`);
}

function parseThreads(text: string): number {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 64) return Number(text);
  throw new InvalidArgumentError(`"${text}", expected a whole number from 1 to 64.`);
}
