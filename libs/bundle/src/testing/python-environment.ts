import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PEERS = new URL('../../../../bench/peers/', import.meta.url);

/** A Python of its own with packages of PyPI. */
export interface PythonEnvironment {
  /** For files that the scripts read. */
  readonly folder: string;
  /** Runs a script of bench/peers and gives what it prints as JSON. */
  call(script: string, files: readonly string[]): Promise<unknown>;
  remove(): void;
}

/** @returns why there is none, where Python or PyPI cannot be reached */
export async function pythonEnvironment(packages: readonly string[]): Promise<PythonEnvironment | string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'isochron-python-'));
  const remove = () => fs.rmSync(folder, { recursive: true, force: true });
  const python = path.join(folder, 'python', 'bin', 'python');
  try {
    await run('python3', ['-m', 'venv', path.join(folder, 'python')]);
    const quickly = ['--quiet', '--disable-pip-version-check', '--retries', '1', '--timeout', '20'];
    await run(python, ['-m', 'pip', 'install', ...quickly, ...packages]);
  } catch (error) {
    remove();
    return `no Python with ${packages.join(', ')}: ${String(error)}`;
  }
  return {
    folder,
    remove,
    call: async (script, files) => {
      const file = fileURLToPath(new URL(script, PEERS));
      const { stdout } = await run(python, [file, ...files], { maxBuffer: 64 * 1024 ** 2 });
      return JSON.parse(stdout) as unknown;
    },
  };
}
