import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { ProvisionError } from './provision-error.mjs';

/** Of a command's output, shown where it fails. */
const SHOWN_LINES = 25;

export function say(message) {
  process.stdout.write(`${message}\n`);
}

/**
 * Runs a command to its end and gives what it wrote to its standard output.
 * @throws ProvisionError with the end of its output, and the remedy.
 */
export function run(command, args, { cwd, env = process.env, remedy }) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, stdout] = [[], []];
  child.stdout.on('data', (chunk) => {
    output.push(chunk);
    stdout.push(chunk);
  });
  child.stderr.on('data', (chunk) => output.push(chunk));
  const fail = (reason) => {
    const lines = Buffer.concat(output).toString().trimEnd().split('\n').slice(-SHOWN_LINES);
    return new ProvisionError(
      [...lines, `${command} ${args[0]}: ${reason}`, `What to do: ${remedy}`].join('\n'),
    );
  };
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(fail(error.code === 'ENOENT' ? 'is not installed' : error.message)),
    );
    child.once('close', (code, signal) =>
      code === 0
        ? resolve(Buffer.concat(stdout).toString())
        : reject(fail(`ended with ${signal ?? `exit code ${code}`}`)),
    );
  });
}

/** Makes a folder, or says who may. */
export function makeFolder(folder) {
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, fs.constants.W_OK);
  } catch (error) {
    throw new ProvisionError(
      `${folder}: ${error.message}\nWhat to do: run this as the user who installed Isochron`,
    );
  }
}
