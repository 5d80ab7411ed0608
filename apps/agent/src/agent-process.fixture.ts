import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { childEnvironment } from '#runtime';
import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';

export interface AgentProcess {
  readonly child: ChildProcess;
  /** Everything it has written, to both streams. */
  readonly output: () => string;
  readonly exit: Promise<number | NodeJS.Signals>;
}

/** Starts agents from the sources and ends those that are left. */
export class AgentProcesses {
  private readonly children: ChildProcess[] = [];

  /** @param env variables in place of this process's */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): AgentProcess {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
      env: childEnvironment({ NODE_OPTIONS: TYPESCRIPT_NODE_OPTIONS, ...env }),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.children.push(child);
    let output = '';
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (text) => (output += String(text)));
    const exit = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
    return { child, output: () => output, exit };
  }

  killAll(): void {
    for (const child of this.children) child.kill('SIGKILL');
  }
}
