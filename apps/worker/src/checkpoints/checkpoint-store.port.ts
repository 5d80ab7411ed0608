/** Where one training keeps its checkpoints: encoded, the last few of them. */
export interface CheckpointStore {
  /** Keeps one durably, as the newest; the oldest ones go. */
  save(bytes: Uint8Array): Promise<void>;
  /** What is kept, the newest first. */
  stored(): Promise<StoredCheckpoint[]>;
}

export interface StoredCheckpoint {
  /** For messages. */
  readonly name: string;
  /** Undefined when it is gone. @throws the store's error when it cannot be read */
  read(): Promise<Uint8Array | undefined>;
  /** It is of no use: whatever is saved from now on is newer than what is left. */
  discard(): Promise<void>;
}
