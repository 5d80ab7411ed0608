import { DatasetError } from '../dataset-error.js';
import { idxHeaderBytes, UNSIGNED_BYTE } from './idx-format.js';

/** Who takes what stands in an IDX file. */
export interface IdxContent {
  /** Called once, before the content. */
  begin(dimensions: readonly number[], bytes: number): void;
  /** Called with the content in order, in parts that have no meaning. */
  take(chunk: Uint8Array): void;
}

/** Takes a file in chunks of any size and refuses it at the first byte that cannot be right. */
export class IdxReader {
  #header = Buffer.alloc(0);
  #rank: number | undefined;
  #announced = 0;
  #taken = 0;

  constructor(
    private readonly file: string,
    private readonly allowed: { readonly ranks: readonly number[]; readonly maxBytes: number },
    private readonly content: IdxContent,
  ) {}

  /** @throws DatasetError */
  take(chunk: Buffer): void {
    if (this.#rank !== undefined) return this.#pass(chunk);
    this.#header = Buffer.concat([this.#header, chunk]);
    const rank = this.#readRank();
    if (rank === undefined || this.#header.length < idxHeaderBytes(rank)) return;
    const dimensions = Array.from({ length: rank }, (_, i) => this.#header.readUInt32BE(idxHeaderBytes(i)));
    this.#announced = this.#contentBytes(dimensions);
    this.#rank = rank;
    this.content.begin(dimensions, this.#announced);
    this.#pass(this.#header.subarray(idxHeaderBytes(rank)));
  }

  /** To be called at the file's end. @throws DatasetError when it came too early */
  finish(): void {
    if (this.#rank === undefined) this.#refuse(this.#header.length, 'the file ends within the IDX header');
    const missing = this.#announced - this.#taken;
    if (missing === 0) return;
    const offset = idxHeaderBytes(this.#rank) + this.#taken;
    this.#refuse(offset, `the file ends ${missing} bytes before the ${this.#announced} its header announces`);
  }

  #readRank(): number | undefined {
    if (this.#header.length < 4) return undefined;
    if (this.#header.readUInt16BE(0) !== 0) {
      const found = this.#header.toString('hex', 0, 2);
      this.#refuse(0, `expected an IDX file, which begins with 0000, found ${found}`);
    }
    const type = this.#header[2]!;
    if (type !== UNSIGNED_BYTE) this.#refuse(2, `expected type 08 (unsigned byte), found ${hex(type)}`);
    const rank = this.#header[3]!;
    if (!this.allowed.ranks.includes(rank)) {
      this.#refuse(3, `expected ${this.allowed.ranks.join(' or ')} dimensions, found ${rank}`);
    }
    return rank;
  }

  #contentBytes(dimensions: readonly number[]): number {
    const empty = dimensions.indexOf(0);
    if (empty >= 0) this.#refuse(idxHeaderBytes(empty), `dimension ${empty} is 0, expected at least 1`);
    const bytes = dimensions.reduce((product, size) => product * size, 1);
    const { maxBytes } = this.allowed;
    if (bytes <= maxBytes) return bytes;
    this.#refuse(4, `the header announces ${dimensions.join(' x ')} bytes, expected at most ${maxBytes}`);
  }

  #pass(chunk: Uint8Array): void {
    if (this.#taken + chunk.length > this.#announced) {
      const offset = idxHeaderBytes(this.#rank!) + this.#announced;
      this.#refuse(offset, `the file goes on after the ${this.#announced} bytes its header announces`);
    }
    this.content.take(chunk);
    this.#taken += chunk.length;
  }

  #refuse(byteOffset: number, detail: string): never {
    throw new DatasetError(detail, { file: this.file, byteOffset });
  }
}

const hex = (byte: number) => byte.toString(16).padStart(2, '0');
