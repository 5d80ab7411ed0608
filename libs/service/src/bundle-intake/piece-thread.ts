import { extname, join } from 'node:path';
import { AppError } from '#contracts';
import { OnDemandThread } from '../threads/on-demand-thread.js';
import type { IntakeReply, IntakeRequest } from './intake-messages.js';
import type { Piece } from './piece-window.js';

export interface PieceThreadOptions {
  /** Name of the program, beside this file. */
  readonly program: string;
  /** What the thread does, for errors: "the thread that ...". */
  readonly purpose: string;
  /** Options of Node for the thread; default: those of this process. */
  readonly execArgv: readonly string[] | undefined;
}

/** A thread that reads files that come in pieces. Every method throws AppError internal where the thread fails, unavailable for a full disk. */
export class PieceThread<Whole> {
  private readonly thread: OnDemandThread<IntakeRequest, IntakeReply<Whole>>;

  constructor(private readonly options: PieceThreadOptions) {
    const { program, purpose, execArgv } = options;
    // Of this file's kind: JavaScript in a build, TypeScript where tests run the sources.
    const entry = join(import.meta.dirname, `${program}${extname(import.meta.filename)}`);
    this.thread = new OnDemandThread({ entry, purpose, execArgv });
  }

  /** Has the thread stay, with what it knows, until what is given back is called. */
  hold(): () => void {
    return this.thread.hold();
  }

  /** Hands a piece over, with its memory. @returns chunks that are handed back */
  async add(intake: number, piece: Piece, file?: number): Promise<Piece['chunks']> {
    const chunks = piece.chunks.map(({ buffer }) => buffer);
    const reply = await this.ask({ intake, kind: 'piece', ...piece, file }, chunks);
    return reply.kind === 'done' ? reply.chunks : [];
  }

  /** @param bytes that all pieces have */
  async finish(intake: number, bytes: number): Promise<Whole> {
    const reply = await this.ask({ intake, kind: 'end', bytes });
    if (reply.kind === 'whole') return reply.whole;
    throw new AppError('internal', `${this.options.purpose} answered "${reply.kind}" to the end`);
  }

  /** Has it forget a file of which no more comes. */
  async forget(intake: number): Promise<void> {
    // One that has ended has forgotten it.
    if (this.thread.isRunning) await this.ask({ intake, kind: 'forget' });
  }

  /** Ends the thread; whoever waits for it gets an error. */
  close(): Promise<void> {
    return this.thread.close();
  }

  private async ask(request: IntakeRequest, transfer: ArrayBuffer[] = []): Promise<IntakeReply<Whole>> {
    const reply = await this.thread.ask(request, transfer);
    if (reply.kind !== 'failed') return reply;
    const cause = new Error(reply.stack);
    if (reply.code === 'ENOSPC')
      throw new AppError('unavailable', 'there is no space left for files', { cause });
    throw new AppError('internal', `${this.options.purpose} failed`, { cause });
  }
}
