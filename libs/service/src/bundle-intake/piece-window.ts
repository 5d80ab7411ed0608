/** Part of a file that comes. */
export interface Piece {
  /** Each has its memory for itself. */
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
  /** Where in the file it begins. */
  readonly at: number;
}

/** Large enough that handing a piece on costs nothing beside hashing it. */
const PIECE_BYTES = 2 ** 20;
const MOST_UNDER_WAY = 4;

/** Gathers chunks into pieces, a few of which are worked on at a time; who adds waits for the oldest of them. */
export class PieceWindow {
  /** Added so far. */
  bytes = 0;
  private chunks: Uint8Array<ArrayBuffer>[] = [];
  private gathered = 0;
  private underWay: Promise<void>[] = [];

  /** @param work is given every piece, in their order, with the memory of its chunks */
  constructor(private readonly work: (piece: Piece) => Promise<void>) {}

  /**
   * Takes a chunk with its memory; of one that shares it, a copy.
   * @returns what to wait for before more is added; it rejects with what `work` threw for an earlier piece
   */
  add(chunk: Uint8Array): Promise<void> | undefined {
    this.chunks.push(hasOwnMemory(chunk) ? chunk : new Uint8Array(chunk));
    this.gathered += chunk.length;
    this.bytes += chunk.length;
    if (this.gathered < PIECE_BYTES) return undefined;
    this.handOn();
    return this.underWay.length === MOST_UNDER_WAY ? this.underWay.shift() : undefined;
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

  private handOn(): void {
    const { chunks, gathered } = this;
    [this.chunks, this.gathered] = [[], 0];
    const done = this.work({ chunks, at: this.bytes - gathered });
    done.catch(() => {}); // whoever waits for it is told
    this.underWay.push(done);
  }
}

function hasOwnMemory(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  return chunk.buffer instanceof ArrayBuffer && chunk.byteLength === chunk.buffer.byteLength;
}
