import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { childEnvironment } from '#runtime';
import type { UndoPlan } from './undo-plan.js';

/** Beside this file and of its kind: JavaScript in a build, TypeScript where tests run the sources. */
const ENTRY = join(import.meta.dirname, `guardian.process${extname(import.meta.filename)}`);

/** A child process that carries out an undo plan if this process dies, SIGKILL included. */
export class Guardian {
  private readonly answers: AsyncIterator<string>;

  private constructor(private readonly child: ChildProcessByStdio<Writable, Readable, null>) {
    this.answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    // Writing to a guardian that died: the missing answer tells it.
    child.stdin.on('error', () => {});
  }

  static start(): Guardian {
    // A session of its own keeps it out of reach of the terminal's signals to the agent's group.
    const child = spawn(process.execPath, [ENTRY], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: childEnvironment({}),
      detached: true,
    });
    return new Guardian(child);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Resolves when the guardian holds the plan, which replaces the one before.
   * @throws Error when the guardian is gone.
   */
  async hold(plan: UndoPlan): Promise<void> {
    this.child.stdin.write(`${JSON.stringify(plan)}\n`);
    const answer = await this.answers.next();
    if (answer.done) throw new Error('the guardian process, which would undo changes of clocks, ended');
  }

  /** Drops the plan and ends the guardian. */
  async dismiss(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.stdin.end('{}\n');
    await exited;
  }
}
