import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

/** The operating-system user that PostgreSQL runs as; `undefined` stands for this process's own. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

const CANDIDATES = ['postgres', 'nobody'];

/**
 * PostgreSQL refuses to run as root, so root runs it as an unprivileged user that the system already has.
 * @throws Error when there is none.
 */
export function chooseServerUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = fs.readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of CANDIDATES) {
    const [, , uid, gid] = accounts.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    `PostgreSQL does not run as root, and this system has no user ${CANDIDATES.join(' or ')}; ` +
      'start Isochron as another user, or set DATABASE_URL',
  );
}

/** Whether a program, run as the user, ends with exit code 0. */
export function succeeds(user: ServerUser | undefined, program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { ...user, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
