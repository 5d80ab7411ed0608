import { z } from 'zod';
import { AppError } from '#contracts';
import { Prisma } from '../generated/client.js';

/** Prisma's codes for a server that cannot be reached, does not answer, or has no connection left. */
const UNAVAILABLE_CODES = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);
const UNIQUE_VIOLATION = 'P2002';

/** What the driver says of the same; raw queries tell nothing else. */
const UNAVAILABLE_KINDS = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
]);
/** SQLSTATE classes: connection lost, out of resources, server stopping or starting, a transaction that stood still for too long. */
const UNAVAILABLE_STATES = /^(08|53|57P|25P03)/;
/** Of the operating system: the network has no way to the server, or lost the one it had. */
const UNREACHABLE = /^E(CONN|HOST|NET|PIPE|TIMEDOUT|AI_)/;

/** Errors of pg itself pass through Prisma as they are, and carry no code. */
const LOST_CONNECTION =
  /^Connection terminated|connection error and is not queryable|^timeout exceeded when trying/;

const DriverError = z.object({
  driverAdapterError: z.object({
    cause: z.object({ kind: z.string(), originalCode: z.string().optional() }),
  }),
});

/** Whether a write failed because a row with the same unique key is there. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === UNIQUE_VIOLATION;
}

/** @throws AppError unavailable for a server that is away, else the error itself. */
export function rethrowTranslated(error: unknown): never {
  if (!isUnavailable(error)) throw error;
  throw new AppError('unavailable', 'the database does not answer', { cause: error });
}

function isUnavailable(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) {
    return error instanceof Error && LOST_CONNECTION.test(error.message);
  }
  if (UNAVAILABLE_CODES.has(error.code) || UNREACHABLE.test(error.code)) return true;
  const driver = DriverError.safeParse(error.meta);
  if (!driver.success) return false;
  const { kind, originalCode = '' } = driver.data.driverAdapterError.cause;
  return UNAVAILABLE_KINDS.has(kind) || UNAVAILABLE_STATES.test(originalCode);
}
