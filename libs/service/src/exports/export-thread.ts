import { extname, join } from 'node:path';
import { AppError } from '#contracts';
import { OnDemandThread } from '../threads/on-demand-thread.js';
import type { ExportReply, ExportRequest } from './export-messages.js';

/** Beside this file and of its kind: JavaScript in a build, TypeScript where tests run the sources. */
const ENTRY = join(import.meta.dirname, `export-thread.process${extname(import.meta.filename)}`);

/** A thread that makes files of subnets, one after the other. */
export class ExportThread {
  private readonly thread: OnDemandThread<ExportRequest, ExportReply>;

  /** @param execArgv options of Node for the thread; default: those of this process */
  constructor(execArgv?: readonly string[]) {
    this.thread = new OnDemandThread({ entry: ENTRY, purpose: 'the thread that exports subnets', execArgv });
  }

  /**
   * The file; the request's own files are gone from here then.
   * @throws AppError artifact_corrupt for a damaged bundle or addendum; internal where the thread fails
   */
  async file(request: ExportRequest): Promise<Uint8Array<ArrayBuffer>> {
    const { bundle, addendum } = request;
    const reply = await this.thread.ask(request, [bundle.buffer, ...(addendum ? [addendum.buffer] : [])]);
    if (reply.kind === 'file') return reply.bytes;
    throw new AppError(reply.kind === 'damaged' ? 'artifact_corrupt' : 'internal', reply.message);
  }

  /** Ends the thread; whoever waits for it gets an error. */
  close(): Promise<void> {
    return this.thread.close();
  }
}
