import { randomUUID } from 'node:crypto';
import { newAudit, type Actor } from '#contracts';
import type { Storage } from '#storage';

/** Has an upload of a file that is there complete, as a client does. @returns its id */
export async function completeUpload(
  { uploads }: Storage,
  actor: Actor,
  { digest, bytes }: { readonly digest: string; readonly bytes: number },
): Promise<string> {
  const audit = newAudit(actor, randomUUID(), new Date());
  const upload = { ...audit, digest, bytes, offset: 0, complete: false, expiresAt: audit.createdAt };
  const begun = await uploads.begin(upload);
  await uploads.complete(actor, begun.upload.id, new Date());
  return begun.upload.id;
}
