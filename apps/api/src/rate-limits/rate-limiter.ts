import { Redis } from 'ioredis';
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';

/** One request, counted. */
export interface Taken {
  readonly allowed: boolean;
  /** Requests that are left until the count starts anew. */
  readonly remaining: number;
  readonly resetSeconds: number;
}

/** Counts requests by who makes them, in windows of a minute. */
export interface RateLimiter {
  readonly perMinute: number;
  take(who: string): Promise<Taken>;
  close(): void;
}

export interface RateLimiterOptions {
  readonly perMinute: number;
  /** Where all API processes count together; without it each counts for itself. */
  readonly redisUrl?: string | undefined;
  /** Told when Redis fails: this process then counts for itself. */
  readonly onError: (error: Error) => void;
}

const WINDOW_SECONDS = 60;
const KEY_PREFIX = 'isochron_rate';
const COMMAND_TIMEOUT_MS = 500;

export function openRateLimiter({ perMinute, redisUrl, onError }: RateLimiterOptions): RateLimiter {
  const window = { points: perMinute, duration: WINDOW_SECONDS, keyPrefix: KEY_PREFIX };
  const memory = new RateLimiterMemory(window);
  if (redisUrl === undefined) return { perMinute, take: (who) => take(memory, who), close: () => {} };
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1, commandTimeout: COMMAND_TIMEOUT_MS });
  redis.on('error', onError);
  const shared = new RateLimiterRedis({ ...window, storeClient: redis, insuranceLimiter: memory });
  return { perMinute, take: (who) => take(shared, who), close: () => redis.disconnect() };
}

async function take(limiter: RateLimiterAbstract, who: string): Promise<Taken> {
  try {
    return takenOf(await limiter.consume(who), true);
  } catch (error) {
    if (error instanceof RateLimiterRes) return takenOf(error, false);
    throw error;
  }
}

function takenOf({ remainingPoints, msBeforeNext }: RateLimiterRes, allowed: boolean): Taken {
  return { allowed, remaining: remainingPoints, resetSeconds: Math.ceil(msBeforeNext / 1000) };
}
