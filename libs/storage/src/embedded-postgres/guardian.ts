import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { ServerUser } from './server-user.js';

export interface Guardian {
  readonly pid: number;
  /** Ends it without touching the server. */
  dismiss(): void;
}

// `read` is built into the shell, so there is one process, which becomes pg_ctl. It ends when its input closes.
const SCRIPT = `
  while read -r line; do :; done
  "$0" stop -D "$1" -m fast -t 20 || exec "$0" stop -D "$1" -m immediate -t 10
`;

/**
 * Starts a small process that stops the database server once this process is gone, however it ended: its input is a
 * pipe that the kernel closes then.
 */
export function startGuardian(pgCtl: string, data: string, user: ServerUser | undefined): Guardian {
  const child = spawn('/bin/sh', ['-c', SCRIPT, pgCtl, data], {
    ...user,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  if (child.pid === undefined) throw new Error('cannot start /bin/sh as guardian of the database server');
  child.unref();
  (child.stdin as Socket).unref(); // a pipe to a child is a socket; it must not keep this process running
  return { pid: child.pid, dismiss: () => void child.kill('SIGKILL') };
}
