import { createHash } from 'node:crypto';
import type { Upload } from '#contracts';
import type { Answer, TestApi } from './test-api.js';

export const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

/** Sends a part of an upload. */
export async function sendPart(
  api: TestApi,
  id: string,
  offset: number | string,
  content: Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer<Upload>> {
  const response = await api.fetch(`/v1/uploads/${id}`, {
    method: 'PATCH',
    headers: {
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(offset),
      ...headers,
    },
    body: Buffer.from(content),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Upload };
}

/** Uploads a file in one part. @returns its digest */
export async function uploadFile(
  api: TestApi,
  content: Uint8Array,
  headers: Record<string, string> = {},
): Promise<string> {
  const digest = sha256(content);
  const begun = await api.post<Upload>('/v1/uploads', { digest, bytes: content.length }, headers);
  const { id, complete } = begun.body;
  if (!complete) await sendPart(api, id, 0, content, headers);
  return digest;
}
