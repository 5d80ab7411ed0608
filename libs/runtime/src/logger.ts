import { destination, pino, type Logger as PinoLogger } from 'pino';
import type { LogLevel } from './config.js';

export type Logger = PinoLogger;

const STDERR = 2;

/** Keys of the API and of enrolment: what of them tells them apart stays, the rest goes. */
const KEYS = /\b(iso_|isochron_ek_)([\w-]{6})[\w-]{26}/g;

/**
 * A logger that writes one JSON object per line to stderr; stdout belongs to results.
 * It writes synchronously, so the last words of a process that dies are not lost. Should an error text carry a key,
 * it does not get into the log.
 * @param file to write to in place of stderr
 */
export function createLogger(name: string, level: LogLevel = 'info', file?: string): Logger {
  const hooks = { streamWrite: withoutKeys };
  return pino({ name, level, hooks }, destination({ dest: file ?? STDERR, sync: true }));
}

/** A text in which keys are cut to how they begin. */
function withoutKeys(text: string): string {
  return text.replace(KEYS, '$1$2***');
}
