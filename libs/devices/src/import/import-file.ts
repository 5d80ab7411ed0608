/** A file of an import, wherever it lies. */
export interface ImportFile {
  /** What its sender calls it, without folders. */
  readonly name: string;
  /** SHA-256 as lower-case hex. */
  readonly digest: string;
  readonly bytes: number;
  /** Its bytes from the start, in pieces; may be called again. */
  content(): AsyncIterable<Uint8Array>;
}
