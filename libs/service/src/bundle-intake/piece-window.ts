/** Part of a file that comes. */
export interface Piece {
  /** Each has its memory for itself. */
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
  /** Where in the file it begins. */
  readonly at: number;
}

export const bytesOf = (chunks: Piece['chunks']): number =>
  chunks.reduce((sum, { length }) => sum + length, 0);

/** Large enough that handing a piece on costs nothing beside hashing it. */
const PIECE_BYTES = 2 ** 20;
const MOST_UNDER_WAY = 4;
/** Smaller chunks are gathered: a client that sends bytes one by one must not have a million of them handed on. */
const SMALL_BYTES = 2 ** 14;
const GATHERED_BYTES = 2 ** 16;

/** Gathers chunks into pieces, a few of which are worked on at a time; who adds waits for the oldest of them. */
export class PieceWindow {
  /** Added so far. */
  bytes = 0;
  private chunks: Uint8Array<ArrayBuffer>[] = [];
  private gathered = 0;
  private small: Uint8Array<ArrayBuffer> | undefined;
  private smallBytes = 0;
  /** Pieces that are worked on, the oldest first, and those that failed. */
  private underWay: Promise<void>[] = [];

  /** @param work is given every piece, in their order, with the memory of its chunks */
  constructor(private readonly work: (piece: Piece) => Promise<void>) {}

  /**
   * Takes a chunk with its memory; of a small one, and of one that shares it, a copy.
   * @returns what to wait for before more is added; it rejects with what `work` threw for an earlier piece
   */
  add(chunk: Uint8Array): Promise<void> | undefined {
    if (chunk.length < SMALL_BYTES) this.gather(chunk);
    else {
      this.endGathering();
      this.chunks.push(hasOwnMemory(chunk) ? chunk : new Uint8Array(chunk));
    }
    this.gathered += chunk.length;
    this.bytes += chunk.length;
    if (this.gathered < PIECE_BYTES) return undefined;
    this.handOn();
    return this.underWay.length >= MOST_UNDER_WAY ? this.underWay[0] : undefined;
  }

  /** Hands on what is left, and waits for all pieces. @throws what `work` threw */
  async finish(): Promise<void> {
    if (this.gathered > 0) this.handOn();
    await Promise.all(this.underWay);
  }

  /** Waits until no piece is worked on, whatever comes of them. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }

  private gather(chunk: Uint8Array): void {
    if (this.smallBytes + chunk.length > GATHERED_BYTES) this.endGathering();
    this.small ??= new Uint8Array(GATHERED_BYTES);
    this.small.set(chunk, this.smallBytes);
    this.smallBytes += chunk.length;
  }

  private endGathering(): void {
    if (this.small) this.chunks.push(this.small.slice(0, this.smallBytes));
    [this.small, this.smallBytes] = [undefined, 0];
  }

  private handOn(): void {
    this.endGathering();
    const { chunks, gathered } = this;
    [this.chunks, this.gathered] = [[], 0];
    const done = this.work({ chunks, at: this.bytes - gathered });
    this.underWay.push(done);
    const isDone = () => void (this.underWay = this.underWay.filter((each) => each !== done));
    done.then(isDone, () => {}); // of one that failed whoever waits is told
  }
}

function hasOwnMemory(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  return chunk.buffer instanceof ArrayBuffer && chunk.byteLength === chunk.buffer.byteLength;
}
