import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { readConfig } from '#runtime';
import { temporaryFolder } from '#testkit';
import {
  isBuilt,
  knownVariables,
  LEAN_ENVIRONMENT,
  read,
  ROOT,
  shutdownSeconds,
  variablesOf,
} from './facts.js';

const FOLDER = path.join(ROOT, 'deploy/systemd');
const units = fs.readdirSync(FOLDER).filter((file) => file.endsWith('.service'));
const services = units.filter((file) => file !== 'isochron-agent.service');

/** The values of a setting, in order; a unit may repeat one. */
const settings = (unit: string, name: string): string[] =>
  [...read(`deploy/systemd/${unit}`).matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map((match) => match[1]!);

const environmentFile = Object.fromEntries(
  read('deploy/systemd/isochron.env.example')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
);

test.each(['api', 'worker'] as const)(
  'the example of the settings shows every variable of the %s',
  (service) => {
    const shown = [...read('deploy/systemd/isochron.env.example').matchAll(/^#?([A-Z_]+)=/gm)].map(
      (m) => m[1],
    );
    // The units say where the data goes.
    for (const variable of variablesOf(service).filter((name) => name !== 'DATA_DIR')) {
      expect(shown).toContain(variable);
    }
  },
);

describe('units of API and worker', () => {
  test.each(services)('%s runs files that the build makes', (unit) => {
    const commands = [...settings(unit, 'ExecStartPre'), ...settings(unit, 'ExecStart')];
    for (const command of commands) {
      const [program, file] = command.split(' ');
      expect([program, file, isBuilt(file!)]).toEqual(['/usr/bin/node', file, true]);
    }
  });

  test.each(services)('%s is configured by variables that exist, with values that they take', (unit) => {
    const own = Object.fromEntries(settings(unit, 'Environment').map((text) => text.split(/=(.*)/s)));
    expect(settings(unit, 'EnvironmentFile')).toEqual(['/etc/isochron/isochron.env']);
    const environment = { ...environmentFile, ...own } as Record<string, string>;
    for (const variable of Object.keys(environment)) expect(knownVariables()).toContain(variable);
    const { dataDir, databaseUrl, artifactsUrl } = readConfig(environment);
    expect(databaseUrl).toContain(':PASSWORD@');
    const state = settings(unit, 'StateDirectory')[0]!
      .split(' ')
      .map((folder) => `/var/lib/${folder}`);
    expect(state).toContain(dataDir);
    expect(state).toContain(path.dirname(new URL(artifactsUrl!).pathname));
  });

  test.each(services)('%s asks the main process alone to end, and gives it longer than it takes', (unit) => {
    expect(settings(unit, 'KillMode')).toEqual(['mixed']);
    expect(Number(settings(unit, 'TimeoutStopSec')[0])).toBeGreaterThanOrEqual(shutdownSeconds() + 10);
    expect(settings(unit, 'Restart')).toEqual(['always']);
  });

  test.each(services)('%s runs as the user that sysusers makes', (unit) => {
    const [, user] = /^u (\S+) /m.exec(read('deploy/systemd/isochron.sysusers.conf'))!;
    expect(settings(unit, 'User')).toEqual([user]);
  });
});

test('the unit of the API starts it lean', () => {
  const environment = Object.entries(LEAN_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
  expect(settings('isochron-api.service', 'Environment')).toEqual(expect.arrayContaining(environment));
});

test('the unit of the agent leaves /sys writable and its guardian alive', () => {
  const unit = 'isochron-agent.service';
  expect(settings(unit, 'KillMode')).toEqual(['process']);
  for (const name of ['ProtectKernelTunables', 'ProtectControlGroups', 'User', 'CapabilityBoundingSet']) {
    expect([name, settings(unit, name)]).toEqual([name, []]);
  }
  expect(settings(unit, 'Environment')).toEqual([`DATA_DIR=/var/lib/${settings(unit, 'StateDirectory')[0]}`]);
});

const hasAnalyzer = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasAnalyzer) {
  console.warn('systemd-analyze is not here (Debian: systemd): the units are NOT checked by systemd');
}

(hasAnalyzer ? describe : describe.skip)('systemd-analyze', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder('units');
    for (const unit of units) fs.writeFileSync(path.join(folder.path, unit), withProgramsOfThisMachine(unit));
  });
  afterAll(() => folder.remove());

  /** What a unit runs has to exist, or the verifier stops there. */
  const withProgramsOfThisMachine = (unit: string) =>
    read(`deploy/systemd/${unit}`)
      .replaceAll(/\/usr\/bin\/node|\/usr\/local\/bin\/isochron-agent/g, process.execPath)
      .replace('WorkingDirectory=/opt/isochron', `WorkingDirectory=${ROOT}`);

  const analyze = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    return { status, output: `${stdout}${stderr}` };
  };

  test.each(units)('verify takes %s without a remark', (unit) => {
    const { status, output } = analyze('verify', '--man=no', path.join(folder.path, unit));
    // Other units of the machine, which this one depends on, may have remarks of their own.
    expect(output.split('\n').filter((line) => line.includes(unit))).toEqual([]);
    expect(status).toBe(0);
  });

  test('verify takes the drop-in for graphics cards', () => {
    const dropIns = path.join(folder.path, 'isochron-worker.service.d');
    fs.mkdirSync(dropIns);
    fs.copyFileSync(path.join(FOLDER, 'isochron-worker.gpu.conf'), path.join(dropIns, 'gpu.conf'));
    const { output } = analyze('verify', '--man=no', path.join(folder.path, 'isochron-worker.service'));
    expect(output).not.toMatch(/isochron-worker|gpu\.conf/);
    fs.rmSync(dropIns, { recursive: true });
  });

  test('verify finds a setting that does not exist', () => {
    const file = path.join(folder.path, 'broken.service');
    fs.writeFileSync(file, `[Service]\nExecStart=${process.execPath}\nProtectSistem=strict\n`);
    expect(analyze('verify', '--man=no', file).output).toContain('ProtectSistem');
  });

  test.each(services)('security rates the exposure of %s as low', (unit) => {
    const file = path.join(folder.path, unit);
    const { status, output } = analyze('security', '--offline=yes', '--threshold=20', '--no-pager', file);
    expect([status, output]).toEqual([0, expect.stringContaining('exposure level')]);
  });
});
