import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PEERS = new URL('../../../bench/peers/', import.meta.url);

/** A Python of its own with packages of PyPI. */
export interface PythonEnvironment {
  /** For files that the scripts read. */
  readonly folder: string;
  /** Its programs. */
  readonly bin: string;
  /** Runs a script of bench/peers and gives what it prints as JSON. */
  call(
    script: string,
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<unknown>;
  remove(): void;
}

/** @returns why there is none, where Python or PyPI cannot be reached */
export async function pythonEnvironment(packages: readonly string[]): Promise<PythonEnvironment | string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'isochron-python-'));
  const remove = () => fs.rmSync(folder, { recursive: true, force: true });
  const bin = path.join(folder, 'python', 'bin');
  const python = path.join(bin, 'python');
  try {
    await run('python3', ['-m', 'venv', path.join(folder, 'python')]);
    const quickly = ['--quiet', '--disable-pip-version-check', '--retries', '1', '--timeout', '20'];
    await run(python, ['-m', 'pip', 'install', ...quickly, ...packages]);
  } catch (error) {
    remove();
    return `no Python with ${packages.join(', ')}: ${String(error)}`;
  }
  return {
    ...{ folder, bin, remove },
    call: async (script, args, environment = {}) => {
      const file = fileURLToPath(new URL(script, PEERS));
      const env = { ...process.env, ...environment };
      const { stdout } = await run(python, [file, ...args], { maxBuffer: 64 * 1024 ** 2, env });
      return JSON.parse(stdout) as unknown;
    },
  };
}
