/** `npm run chaos`: kills what trains, serves and stores, again and again, and looks whether anything was lost. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { runChaos } from './chaos-run.js';
import { hasNamespaces, namespaces } from './networks/namespaces.js';
import type { Networks } from './networks/network.js';
import { proxiedNetworks } from './networks/proxied.js';
import { chaosMarkdown } from './report.js';

const atLeast = (least: number) => (text: string) => {
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw new InvalidArgumentError(`expected a whole number from ${least}`);
};

interface Options {
  readonly jobs: number;
  readonly kills: number;
  readonly workers: number;
  readonly queue: 'redis' | 'postgres';
  readonly seed: number;
  readonly networks: Networks['kind'];
  readonly report?: string;
  readonly keep: boolean;
}

const program = new Command('npm run chaos --')
  .description(
    'Trains jobs on a cluster of processes while they, their training processes, the API, PostgreSQL and Redis are killed (SIGKILL) and ' +
      'cut off from each other at random moments, and compares with undisturbed jobs. Exits with 1 where anything was lost, doubled or left.',
  )
  .addOption(new Option('--jobs <number>', 'jobs that run at once').default(10).argParser(atLeast(1)))
  .addOption(
    new Option('--kills <number>', 'processes to kill; networks are cut besides')
      .default(50)
      .argParser(atLeast(1)),
  )
  .addOption(new Option('--workers <number>', 'worker processes').default(3).argParser(atLeast(1)))
  .addOption(
    new Option('--queue <queue>', 'where messages are kept').choices(['redis', 'postgres']).default('redis'),
  )
  .addOption(
    new Option('--networks <kind>', 'of the processes: proxies, or network namespaces (Linux, as root)')
      .choices(['proxies', 'namespaces'])
      .default('proxies'),
  )
  .addOption(new Option('--seed <number>', 'of the disturbances').default(1).argParser(atLeast(0)))
  .option('--report <file>', 'write the report as JSON')
  .option('--keep', 'leave data and logs of the run behind', false);

const options = program.parse().opts<Options>();
const folder = await mkdtemp(path.join(os.tmpdir(), 'isochron-chaos-'));
await chmod(folder, 0o755); // the embedded PostgreSQL is another user when this one is root
const say = (text: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
if (options.networks === 'namespaces' && !hasNamespaces())
  program.error('error: network namespaces cannot be made here: expected Linux, iproute2 and root');
const networks = options.networks === 'namespaces' ? namespaces() : proxiedNetworks();
const report = await runChaos({ ...options, networks, folder, say });
const command = ['npm run chaos --', ...process.argv.slice(2)].join(' ');
process.stdout.write(chaosMarkdown(command, report));
if (options.report !== undefined) {
  await writeFile(options.report, JSON.stringify({ command, ...options, ...report }, undefined, 2));
}
const keeps = options.keep || report.violations.length > 0;
if (keeps) say(`data and logs are in ${folder}`);
else await rm(folder, { recursive: true, force: true });
process.exit(report.violations.length === 0 ? 0 : 1);
