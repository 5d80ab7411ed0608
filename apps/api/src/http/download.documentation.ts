import type { Documentation } from '../openapi/documented.decorator.js';
import { NOT_MODIFIED } from './immutable.decorator.js';

const mediaType = 'application/octet-stream';
const headers = {
  ETag: 'the SHA-256 of the file, for If-None-Match and If-Range',
  'Repr-Digest': 'SHA-256 of the whole file (RFC 9530)',
};

/** What every download of a file may answer. */
export const DOWNLOAD: Pick<Documentation, 'answers' | 'problems' | 'headers'> = {
  answers: {
    200: {
      description: 'the whole file',
      mediaType,
      headers: { ...headers, 'Content-Digest': 'the same, of this answer' },
    },
    206: {
      description: 'the range asked for',
      mediaType,
      headers: { ...headers, 'Content-Range': 'which bytes these are' },
    },
    304: NOT_MODIFIED,
  },
  problems: ['not_found', 'range_not_satisfiable'],
  headers: {
    Range: 'one range of bytes; several are answered with the whole file',
    'If-None-Match': 'an ETag that the client has',
    'If-Range': 'sends the range only while the file has this ETag',
  },
};
