import { SetMetadata } from '@nestjs/common';

/** Metadata of routes that need no API key: whoever guards the others looks for it on handler and class. */
export const IS_PUBLIC = 'isochron:public';

/** Marks a route, or all of a controller, as one that needs no API key. */
export const Public = () => SetMetadata(IS_PUBLIC, true);
