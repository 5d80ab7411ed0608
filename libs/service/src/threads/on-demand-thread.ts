import { Worker, type Transferable } from 'node:worker_threads';
import { AppError } from '#contracts';

/** What a thread costs while nobody asks for anything is not worth the tenth of a second that starting it takes. */
const IDLE_MS = 30_000;

/** A thread that runs, and who waits for it in the order of its replies. */
interface Running<Reply> {
  readonly worker: Worker;
  readonly waiting: Waiting<Reply>[];
}

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
  private running: Running<Reply> | undefined;
  private holders = 0;
  private idle: NodeJS.Timeout | undefined;

  constructor(private readonly options: OnDemandThreadOptions) {}

  /** Whether there is a thread that may know something. */
  get isRunning(): boolean {
    return this.running !== undefined;
  }

  /**
   * @param transfer buffers of the request that are handed over
   * @throws AppError internal where the thread fails; Error where it ends or is closed
   */
  ask(request: Request, transfer: Transferable[] = []): Promise<Reply> {
    clearTimeout(this.idle);
    const { worker, waiting } = (this.running ??= this.started());
    return new Promise((resolve, reject) => {
      worker.postMessage(request, transfer);
      waiting.push({ resolve, reject }); // after what may throw: it gets no reply
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
    const { running, options } = this;
    this.running = undefined;
    await running?.worker.terminate();
    rejectAll(running, new Error(`${options.purpose} was closed`));
  }

  private started(): Running<Reply> {
    const { entry, purpose, execArgv } = this.options;
    const worker = new Worker(entry, execArgv && { execArgv: [...execArgv] });
    const running: Running<Reply> = { worker, waiting: [] };
    worker.unref();
    worker.on('message', (reply: Reply) => this.answered(running, reply));
    const ended = (error: Error) => this.running === running && this.ended(running, error);
    worker.once('error', (cause) => ended(new AppError('internal', `${purpose} failed`, { cause })));
    worker.once('exit', () => ended(new Error(`${purpose} has ended`)));
    return running;
  }

  private answered({ waiting }: Running<Reply>, reply: Reply): void {
    waiting.shift()?.resolve(reply);
    this.endWhenIdle();
  }

  private endWhenIdle(): void {
    if (this.holders > 0 || (this.running?.waiting ?? []).length > 0) return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.close(), IDLE_MS).unref();
  }

  private ended(running: Running<Reply>, error: Error): void {
    this.running = undefined;
    rejectAll(running, error);
  }
}

function rejectAll(running: Running<never> | undefined, error: Error): void {
  for (const { reject } of running?.waiting.splice(0) ?? []) reject(error);
}
