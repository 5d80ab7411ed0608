import type { LoggerService } from '@nestjs/common';
import type { Logger } from '#runtime';

/** Nest's own messages in the service's log; what it says while it starts is of interest only to who debugs it. */
export function nestLogger(logger: Logger): LoggerService {
  return {
    log: (message: unknown) => logger.debug(textOf(message)),
    debug: (message: unknown) => logger.debug(textOf(message)),
    warn: (message: unknown) => logger.warn(textOf(message)),
    error: (message: unknown, stack?: unknown) => logger.error({ stack }, textOf(message)),
  };
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.stack ?? message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}
