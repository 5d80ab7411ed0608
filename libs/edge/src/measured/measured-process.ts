import { fork, type ChildProcess } from 'node:child_process';
import { extname, join } from 'node:path';
import { childEnvironment } from '#runtime';
import type { LoadedAnswer, MeasuredReply, MeasuredRequest, SampleAnswer, SizeAnswer } from './messages.js';
import type { NetworkRunner, NetworkToRun, SamplesToTake } from './network-runner.port.js';
import { RUNNER } from './runner.js';

/** Beside this file and of its kind: JavaScript in a build, TypeScript where tests run the sources. */
const ENTRY = join(import.meta.dirname, `measured.process${extname(import.meta.filename)}`);

/** The measured process could not do what was asked, or ended. */
export class MeasuredProcessError extends Error {
  override readonly name = 'MeasuredProcessError';
}

/** Handle of the child process that runs networks; one request at a time. */
export class MeasuredProcess implements NetworkRunner {
  readonly name = RUNNER;
  private readonly ended: Promise<string>;

  private constructor(private readonly child: ChildProcess) {
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
    });
  }

  static start(): MeasuredProcess {
    // stdout belongs to the agent; what a native library has to say goes to stderr.
    const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
    return new MeasuredProcess(fork(ENTRY, [], { stdio: [...stdio], env: childEnvironment({}) }));
  }

  /** @throws MeasuredProcessError when the process could not be started. */
  get pid(): number {
    if (this.child.pid === undefined) throw new MeasuredProcessError('the measured process did not start');
    return this.child.pid;
  }

  /** Replaces the network; its weights and session are made here, so before the clock is slowed. */
  load({ file, batch, threads }: Omit<NetworkToRun, 'ratio'>): Promise<LoadedAnswer> {
    return this.ask<LoadedAnswer>({ type: 'load', file, batch, threads });
  }

  /** How many runs back to back last `minSampleMs` at the clock of the moment. */
  async runsLasting(minSampleMs: number): Promise<number> {
    return (await this.ask<SizeAnswer>({ type: 'size', minSampleMs })).runsPerSample;
  }

  /** Milliseconds per run, one for each sample of `runsPerSample` runs. */
  async sample({ runsPerSample, samples }: SamplesToTake): Promise<number[]> {
    return (await this.ask<SampleAnswer>({ type: 'sample', runsPerSample, samples })).samplesMs;
  }

  /** Ends the process at once, stopped or not; a request under way fails. */
  async stop(): Promise<void> {
    this.child.kill('SIGCONT');
    this.child.kill('SIGKILL');
    await this.ended;
  }

  private async ask<T>(request: MeasuredRequest): Promise<T> {
    const reply = await new Promise<MeasuredReply<T>>((resolve, reject) => {
      const fail = (how: string) =>
        reject(new MeasuredProcessError(`the measured process ended (${how}) when asked to ${request.type}`));
      this.child.once('message', resolve);
      void this.ended.then(fail);
      // A failure to send means that it is about to end, which tells more.
      if (this.child.connected) this.child.send(request, () => undefined);
    });
    if (reply.ok) return reply.answer;
    throw new MeasuredProcessError(reply.error);
  }
}
