import { Worker, type Transferable } from 'node:worker_threads';
import { AppError } from '#contracts';

/** What a thread costs while nobody asks for anything is not worth the tenth of a second that starting it takes. */
const IDLE_MS = 30_000;

interface Waiting<Reply> {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

export interface OnDemandThreadOptions {
  /** The program: it answers every message with one, in their order. */
  readonly entry: string;
  /** What the thread does, for errors: "the thread that ...". */
  readonly purpose: string;
  /** Options of Node for the thread; default: those of this process. */
  readonly execArgv?: readonly string[] | undefined;
}

/** A thread that does one thing after the other. It is started when it is needed, and keeps no process alive. */
export class OnDemandThread<Request, Reply> {
  private worker: Worker | undefined;
  private waiting: Waiting<Reply>[] = [];
  private holders = 0;
  private idle: NodeJS.Timeout | undefined;

  constructor(private readonly options: OnDemandThreadOptions) {}

  /** Whether there is a thread that may know something. */
  get isRunning(): boolean {
    return this.worker !== undefined;
  }

  /** @param transfer buffers of the request that are handed over. @throws AppError internal where the thread fails */
  ask(request: Request, transfer: Transferable[] = []): Promise<Reply> {
    clearTimeout(this.idle);
    const worker = (this.worker ??= this.started());
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      worker.postMessage(request, transfer);
    });
  }

  /** Has the thread stay, with what it knows, until what is given back is called. */
  hold(): () => void {
    this.holders++;
    return () => {
      this.holders--;
      this.endWhenIdle();
    };
  }

  /** Ends the thread; whoever waits for it gets an error, once it does nothing more. */
  async close(): Promise<void> {
    clearTimeout(this.idle);
    const { worker, waiting } = this;
    this.worker = undefined;
    this.waiting = [];
    await worker?.terminate();
    rejectAll(waiting, new Error(`${this.options.purpose} was closed`));
  }

  private started(): Worker {
    const { entry, purpose, execArgv } = this.options;
    const worker = new Worker(entry, execArgv && { execArgv: [...execArgv] });
    worker.unref();
    worker.on('message', (reply: Reply) => this.answered(reply));
    const ended = (error: Error) => this.worker === worker && this.ended(error);
    worker.once('error', (cause) => ended(new AppError('internal', `${purpose} failed`, { cause })));
    worker.once('exit', () => ended(new Error(`${purpose} has ended`)));
    return worker;
  }

  private answered(reply: Reply): void {
    this.waiting.shift()?.resolve(reply);
    this.endWhenIdle();
  }

  private endWhenIdle(): void {
    if (this.waiting.length > 0 || this.holders > 0) return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.close(), IDLE_MS).unref();
  }

  private ended(error: Error): void {
    const { waiting } = this;
    this.worker = undefined;
    this.waiting = [];
    rejectAll(waiting, error);
  }
}

function rejectAll(waiting: readonly Pick<Waiting<never>, 'reject'>[], error: Error): void {
  for (const { reject } of waiting) reject(error);
}
