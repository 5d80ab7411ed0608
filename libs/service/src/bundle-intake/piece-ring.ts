/** Part of a file that comes, in memory that threads share. */
export interface Piece {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** Where in the file it begins. */
  readonly at: number;
}

interface Slot {
  readonly memory: Uint8Array<SharedArrayBuffer>;
  /** Ends when the piece that was in there last is done with. */
  busy: Promise<void>;
}

/** Large enough that handing a piece on costs nothing beside hashing it. */
const PIECE_BYTES = 2 ** 19;
const SLOTS = 4;

/** Gathers chunks of any size into pieces, a few of which are worked on at a time; who adds waits for a free place. */
export class PieceRing {
  /** Added so far. */
  bytes = 0;
  private readonly slots: Slot[] = [];
  private turn = 0;
  private filled = 0;

  /** @param work is given every piece, in their order; the memory is used again when it is done */
  constructor(private readonly work: (piece: Piece) => Promise<void>) {}

  /** @throws what `work` threw for a piece before */
  async add(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length;) {
      const { memory } = await this.slot();
      const part = chunk.subarray(done, done + memory.length - this.filled);
      memory.set(part, this.filled);
      done += part.length;
      this.filled += part.length;
      this.bytes += part.length;
      if (this.filled === memory.length) this.handOn();
    }
  }

  /** Hands on what is left, and waits for all pieces. @throws what `work` threw */
  async finish(): Promise<void> {
    if (this.filled > 0) this.handOn();
    await Promise.all(this.slots.map(({ busy }) => busy));
  }

  /** Waits until no piece is worked on, whatever comes of them. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.slots.map(({ busy }) => busy));
  }

  /** The one that is being filled. */
  private async slot(): Promise<Slot> {
    const memory = () => new Uint8Array(new SharedArrayBuffer(PIECE_BYTES));
    const slot = (this.slots[this.turn] ??= { memory: memory(), busy: Promise.resolve() });
    if (this.filled === 0) await slot.busy;
    return slot;
  }

  private handOn(): void {
    const slot = this.slots[this.turn]!;
    const bytes = slot.memory.subarray(0, this.filled);
    slot.busy = this.work({ bytes, at: this.bytes - this.filled });
    slot.busy.catch(() => {}); // whoever waits for the slot is told
    this.turn = (this.turn + 1) % SLOTS;
    this.filled = 0;
  }
}
