import type { Response } from 'express';

/** Headers that describe the answer that there is none of now. */
const OF_WHAT_WAS_TO_BE_SENT = [
  'ETag',
  'Accept-Ranges',
  'Location',
  'Content-Disposition',
  'Repr-Digest',
  'Content-Digest',
];

/** Leaves an error answer without the headers of what was to be sent; how long a file is stays where a range lies outside of it. */
export function takeBackHeaders(response: Response, status: number): void {
  for (const header of OF_WHAT_WAS_TO_BE_SENT) response.removeHeader(header);
  if (status !== 416) response.removeHeader('Content-Range');
}
