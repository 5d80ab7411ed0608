import { invalidRequest } from '../http/contract.pipe.js';

/** Sequence number in a Last-Event-ID header; 0, which is before the first event, without one. @throws AppError invalid_request */
export function lastSequence(header: string | undefined): number {
  if (header === undefined || header === '') return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const expected = 'the id of an event of this stream';
  throw invalidRequest([{ field: 'Last-Event-ID', value: header.slice(0, 200), expected }]);
}
