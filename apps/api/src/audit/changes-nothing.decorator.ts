import { SetMetadata } from '@nestjs/common';

export const CHANGES_NOTHING = 'isochron:changes-nothing';

/** Statuses with which a route that is no GET has changed nothing: the audit log leaves such answers out. */
export const ChangesNothing = (...statuses: number[]) => SetMetadata(CHANGES_NOTHING, statuses);
