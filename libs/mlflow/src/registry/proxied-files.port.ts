import type { Actor } from '#contracts';

export interface ProxiedFile {
  /** Below the root of the artifact proxy, without a slash at either end. */
  readonly path: string;
  readonly digest: string;
  readonly bytes: number;
}

/** Files that clients have put, by the paths that they chose. They are remembered as long as other uploads are. */
export interface ProxiedFiles {
  /**
   * The artifact store has the file: the team may refer to it from now on. Another file of the path is forgotten.
   * @throws AppError unavailable where the file was removed since it was put: it has to be put again
   */
  note(actor: Actor, file: ProxiedFile, at: Date): Promise<void>;
  find(actor: Actor, path: string): Promise<ProxiedFile | undefined>;
  /** By path, at any depth below the folder, at most `limit`. */
  below(actor: Actor, folder: string, limit: number): Promise<ProxiedFile[]>;
}
