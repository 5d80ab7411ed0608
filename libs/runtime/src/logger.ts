import { destination, pino, stdSerializers, type DestinationStream, type Logger as PinoLogger } from 'pino';
import type { LogLevel } from './config.js';
import { currentLogFields } from './log-context.js';
import { REDACTED_PATHS, withoutSecrets } from './redaction.js';

export type Logger = PinoLogger;

const STDERR = 2;

/** Keys of the API and of enrolment: what of them tells them apart stays, the rest goes. */
const KEYS = /\b(iso_|isochron_ek_)([\w-]{6})[\w-]{26}/g;

/**
 * A logger that writes one JSON object per line to stderr; stdout belongs to results. Lines carry the fields of
 * `withLogFields`, and no secrets: should a text carry a key, it does not get into the log. It writes synchronously, so the
 * last words of a process that dies are not lost.
 */
export function createLogger(
  name: string,
  level: LogLevel = 'info',
  stream: DestinationStream = destination({ fd: STDERR, sync: true }),
): Logger {
  const options = {
    name,
    level,
    mixin: contextOf,
    hooks: { streamWrite: withoutKeys },
    redact: [...REDACTED_PATHS],
    serializers: { err: serializedError },
  };
  return pino(options, stream);
}

/** A field that the logger has itself is not written a second time. */
function contextOf(_line: object, _level: number, logger: Logger): object {
  const fields = currentLogFields();
  const names = Object.keys(fields);
  if (names.length === 0) return {};
  const own = logger.bindings();
  return Object.fromEntries(names.filter((name) => !(name in own)).map((name) => [name, fields[name]]));
}

function serializedError(error: Error): object {
  const { message, stack, ...others } = stdSerializers.err(error);
  return { ...others, message: withoutSecrets(message), stack: withoutSecrets(stack) };
}

/** A text in which keys are cut to how they begin. */
function withoutKeys(text: string): string {
  return text.replace(KEYS, '$1$2***');
}
