import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const POLL_MS = 300;
const WARN = 40;
const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warning',
  50: 'error',
  60: 'fatal',
};

/** What pino writes, as far as a reader in a terminal cares. */
const LogLine = z.object({
  level: z.number(),
  time: z.number(),
  msg: z.string().default(''),
  err: z.object({ message: z.string().default(''), stack: z.string().optional() }).optional(),
});
type LogLine = z.infer<typeof LogLine>;

/** The log file of one service: the service writes to it directly, so nothing is lost when the launcher dies. */
export class ServiceLog {
  readonly #timer: NodeJS.Timeout;
  #offset = 0;
  #partial = '';

  private constructor(
    readonly file: string,
    readonly fd: number,
    private readonly onWarning: (text: string) => void,
  ) {
    this.#timer = setInterval(() => this.#readOn(), POLL_MS).unref();
  }

  /** Begins a new file; the one of the run before stays beside it as `NAME.log.1`. */
  static open(folder: string, name: string, onWarning: (text: string) => void): ServiceLog {
    fs.mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${name}.log`);
    if (fs.existsSync(file)) fs.renameSync(file, `${file}.1`);
    return new ServiceLog(file, fs.openSync(file, 'a+'), onWarning);
  }

  /** The last lines, readable. */
  tail(lines = 15): string {
    const text = fs.readFileSync(this.file, 'utf8').trim();
    if (text === '') return '(the log is empty)';
    return text.split('\n').slice(-lines).map(readable).join('\n');
  }

  close(): void {
    clearInterval(this.#timer);
    this.#readOn();
    fs.closeSync(this.fd);
  }

  #readOn(): void {
    const size = fs.fstatSync(this.fd).size;
    if (size <= this.#offset) return;
    const buffer = Buffer.alloc(size - this.#offset);
    const read = fs.readSync(this.fd, buffer, 0, buffer.length, this.#offset);
    this.#offset += read;
    const lines = (this.#partial + buffer.toString('utf8', 0, read)).split('\n');
    this.#partial = lines.pop()!;
    for (const line of lines) {
      const entry = parse(line);
      if (entry && entry.level >= WARN) this.onWarning(describe(entry));
    }
  }
}

function parse(line: string): LogLine | undefined {
  try {
    return LogLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // a line that no logger wrote: Node's own last words, say
  }
}

function readable(line: string): string {
  const entry = parse(line);
  if (!entry) return line;
  const stack = entry.err?.stack ? `\n${entry.err.stack}` : '';
  return `${new Date(entry.time).toISOString()} ${describe(entry)}${stack}`;
}

function describe({ level, msg, err }: LogLine): string {
  return `${LEVELS[level] ?? String(level)}: ${[msg, err?.message].filter(Boolean).join(': ')}`;
}
