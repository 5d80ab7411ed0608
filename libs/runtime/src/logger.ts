import { destination, pino, type Logger as PinoLogger } from 'pino';
import type { LogLevel } from './config.js';

export type Logger = PinoLogger;

const STDERR = 2;

/**
 * A logger that writes one JSON object per line to stderr; stdout belongs to results.
 * It writes synchronously, so the last words of a process that dies are not lost.
 */
export function createLogger(name: string, level: LogLevel = 'info'): Logger {
  return pino({ name, level }, destination({ fd: STDERR, sync: true }));
}
