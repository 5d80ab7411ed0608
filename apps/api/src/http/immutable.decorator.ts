import { Header } from '@nestjs/common';

/** For a resource that never changes: who has it need not ask again. (The ETag of every JSON answer is Express's.) */
export const Immutable = () => Header('Cache-Control', 'private, max-age=31536000, immutable');

/** For the documentation of such a resource. */
export const NOT_MODIFIED = { description: 'the client has it: If-None-Match names its ETag' };
export const VALIDATOR = { ETag: 'validator for If-None-Match' };
