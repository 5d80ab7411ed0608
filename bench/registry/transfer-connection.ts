import { connect, type Socket } from 'node:net';

/** What stands above an answer's body. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

/** Gets the next part of a body, in memory that is used again when it returns, or when that is settled. */
export type TakeBody = (part: Buffer, head: AnswerHead) => unknown;

interface Waiting {
  readonly take: TakeBody;
  readonly resolve: (head: AnswerHead) => void;
  readonly reject: (error: Error) => void;
  /** The head as far as it has come. */
  text: Buffer;
  head?: AnswerHead;
  left: number;
}

const CLOSED = 'the connection was closed';
const HEAD_END = '\r\n\r\n';
const RECEIVED_BYTES = 2 ** 20;
/** Parts of a body that may be worked on while the next one is received. */
const MOST_UNDER_WAY = 3;

/**
 * One keep-alive connection that asks one thing after the other, and receives into the same memory again and again, as curl does. As little
 * of HTTP/1.1 as the API's answers need (they have a Content-Length), so that what is measured is the server and not its client.
 */
export class TransferConnection {
  private waiting: Waiting | undefined;
  private readonly socket: Socket;
  /** What is received into next. */
  private memory: Buffer = Buffer.alloc(RECEIVED_BYTES);
  private readonly free: Buffer[] = [];
  private underWay = 0;

  private constructor(url: URL, opened: (error?: Error) => void) {
    const place = { host: url.hostname, port: Number(url.port) };
    const buffer = () => this.memory;
    const callback = (bytes: number) => this.take(this.memory.subarray(0, bytes));
    this.socket = connect({ ...place, noDelay: true, onread: { buffer, callback } });
    const lost = (error = new Error(CLOSED)) => {
      opened(error);
      this.waiting?.reject(error);
    };
    this.socket
      .once('connect', () => opened())
      .on('error', lost)
      .on('close', () => lost());
  }

  static open(url: string): Promise<TransferConnection> {
    return new Promise((resolve, reject) => {
      const connection = new TransferConnection(new URL(url), (error) =>
        error ? reject(error) : resolve(connection),
      );
    });
  }

  /**
   * @param send writes the request's body, if it has one
   * @returns the head of the answer, when `take` has all of its body
   * @throws Error when the connection is lost before; what `take` throws, which ends the connection
   */
  async ask(
    request: string,
    headers: Readonly<Record<string, string>>,
    take: TakeBody,
    send: (write: (part: Buffer) => Promise<void>) => Promise<void> = () => Promise.resolve(),
  ): Promise<AnswerHead> {
    if (this.socket.destroyed) throw new Error(CLOSED);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const answered = new Promise<AnswerHead>((resolve, reject) => {
      this.waiting = { take, resolve, reject, text: Buffer.alloc(0), left: 0 };
    });
    this.socket.write([`${request} HTTP/1.1`, 'host: registry', ...lines, '', ''].join('\r\n'));
    const write = (part: Buffer) =>
      new Promise<void>((resolve, reject) =>
        this.socket.write(part, (error) => (error ? reject(error) : resolve())),
      );
    const [head] = await Promise.all([answered, send(write)]);
    return head;
  }

  close(): void {
    this.waiting = undefined;
    this.socket.destroy();
  }

  private take(data: Buffer): boolean {
    const { waiting } = this;
    if (waiting === undefined) return true;
    try {
      const body = waiting.head ? data : this.takeHead(waiting, data);
      if (body === undefined) return true;
      waiting.left -= body.length;
      const taken = body.length > 0 ? waiting.take(body, waiting.head!) : undefined;
      if (taken instanceof Promise) this.keepUntil(taken, waiting);
      if (waiting.left === 0) this.ended(waiting);
    } catch (error) {
      this.broke(waiting, error as Error);
    }
    return this.underWay < MOST_UNDER_WAY;
  }

  /** Receives into other memory until the part that has come is dealt with. */
  private keepUntil(taken: Promise<unknown>, waiting: Waiting): void {
    const kept = this.memory;
    this.memory = this.free.pop() ?? Buffer.alloc(RECEIVED_BYTES);
    this.underWay++;
    const dealtWith = () => {
      this.free.push(kept);
      this.underWay--;
      this.socket.resume();
      if (waiting.left === 0) this.ended(waiting);
    };
    taken.then(dealtWith, (error: Error) => this.broke(waiting, error));
  }

  private ended(waiting: Waiting): void {
    if (this.underWay > 0 || this.waiting !== waiting) return;
    this.waiting = undefined;
    waiting.resolve(waiting.head!);
  }

  private broke(waiting: Waiting, error: Error): void {
    this.close();
    waiting.reject(error);
  }

  /** What comes behind the head; undefined while that is not there. */
  private takeHead(waiting: Waiting, data: Buffer): Buffer | undefined {
    waiting.text = Buffer.concat([waiting.text, data]);
    const end = waiting.text.indexOf(HEAD_END);
    if (end < 0) return undefined;
    const [first, ...lines] = waiting.text.toString('latin1', 0, end).split('\r\n');
    const headers = new Map(lines.map((line) => [nameIn(line), line.slice(line.indexOf(':') + 1).trim()]));
    const length = headers.get('content-length');
    if (length === undefined) throw new Error(`an answer without a Content-Length: ${first}`);
    waiting.head = { status: Number(first!.slice(9, 12)), headers };
    waiting.left = Number(length);
    return waiting.text.subarray(end + HEAD_END.length);
  }
}

const nameIn = (line: string): string => line.slice(0, line.indexOf(':')).toLowerCase();
