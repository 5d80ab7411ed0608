import { AppError, type Actor, type Upload } from '#contracts';

/** An object file that holds a part of an upload. */
export interface UploadPart {
  readonly key: string;
  readonly bytes: number;
}

export interface StoredUpload {
  readonly upload: Upload;
  /** In their order. */
  readonly parts: readonly UploadPart[];
}

export interface NewPart extends UploadPart {
  readonly uploadId: string;
  /** Where it begins. */
  readonly offset: number;
  readonly at: Date;
}

/** What has come of files that are uploaded in parts; the parts themselves are object files. */
export interface UploadRepository {
  /**
   * Stores an upload: a complete one where the team refers to the file already, whoever else does. Where the actor has begun
   * to upload the same file, that upload is given back.
   * @throws AppError invalid_request (naming bytes) where the team's file has another size
   */
  begin(upload: Upload): Promise<{ readonly upload: Upload; readonly isNew: boolean }>;

  find(actor: Actor, uploadId: string): Promise<StoredUpload | undefined>;

  /**
   * Of several parts that begin at the same offset one is added.
   * @throws AppError not_found, upload_offset_conflict where the part does not begin where the last one ended
   */
  addPart(actor: Actor, part: NewPart): Promise<StoredUpload>;

  /** Notes that the artifact store has all of it; the team may refer to the file from then on. @throws AppError not_found */
  complete(actor: Actor, uploadId: string, at: Date): Promise<Upload>;

  /** @throws AppError not_found */
  remove(actor: Actor, uploadId: string): Promise<void>;

  /** Forgets uploads that nothing was done with since. @returns how many */
  removeExpired(before: Date): Promise<number>;

  /** Which of the uploads, of any team, are there. */
  present(uploadIds: readonly string[]): Promise<Set<string>>;
}

/** How long an upload is remembered after its last part. */
export const UPLOAD_KEPT_MS = 24 * 60 * 60 * 1000;

/** Object files of uploads begin with it, followed by the id of the upload. */
export const UPLOADS_PREFIX = 'uploads/';

/** The error of a part that begins somewhere else. */
export function offsetConflict({ offset }: Pick<Upload, 'offset'>, sent: number): AppError {
  return new AppError('upload_offset_conflict', `Upload-Offset is ${sent}: expected ${offset}`, {
    fields: [{ field: 'Upload-Offset', value: sent, expected: `${offset}, where the next part begins` }],
  });
}
