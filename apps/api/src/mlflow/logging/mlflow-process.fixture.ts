import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { freePort } from '#runtime';
import { waitUntil, type PythonEnvironment } from '#testkit';

export interface MlflowProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** MLflow's own server, over a SQLite database in the folder of its Python. */
export async function startMlflow({ bin, folder }: PythonEnvironment): Promise<MlflowProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'];
  args.push('--backend-store-uri', `sqlite:///${path.join(folder, 'mlflow.db')}`);
  args.push('--artifacts-destination', path.join(folder, 'artifacts'));
  // A group of its own: the server is a parent of those that answer.
  const child = spawn(path.join(bin, 'mlflow'), args, { stdio: 'ignore', detached: true });
  const isUp = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  const stop = async () => {
    if (child.exitCode !== null) return;
    const exited = once(child, 'exit');
    process.kill(-child.pid!, 'SIGKILL');
    await exited;
  };
  await waitUntil('MLflow is up', isUp, 120_000).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url, stop };
}
