import type { JobStage, JobState } from '#contracts';
import type { DurationCounts, JobCount, JobStatistics, OutboxCounts, StageEnd } from '#jobs';
import type { Database } from '../database/database.js';

/** Durations of one kind that fall between the same two bounds. */
interface Bucket {
  readonly count: number;
  readonly seconds: number;
  /** How many bounds the durations do not exceed. */
  readonly within: number;
}

type Kinds<Kind> = readonly (Kind & Bucket)[];

/** Counts in PostgreSQL. */
export class PostgresJobStatistics implements JobStatistics {
  constructor(private readonly database: Database) {}

  async jobCounts(): Promise<JobCount[]> {
    const groups = await this.database.job.groupBy({ by: ['state', 'stage'], _count: true });
    return groups.map(({ state, stage, _count }) => ({ state, stage, count: _count }));
  }

  async jobDurations(boundsSeconds: readonly number[]): Promise<DurationCounts<JobState>[]> {
    const bounds = negated(boundsSeconds);
    const rows = await this.database.$queryRaw<Kinds<{ state: JobState }>>`
      SELECT outcome::text AS state, width_bucket(-seconds, ${bounds}::float8[]) AS within,
             count(*)::int AS count, sum(seconds)::float8 AS seconds
      FROM (SELECT outcome, date_part('epoch', "endedAt" - "submittedAt") AS seconds
            FROM "JobStageRun" WHERE "endsJob") AS ended
      GROUP BY 1, 2`;
    return grouped(rows, boundsSeconds.length, ({ state }) => state);
  }

  async stageDurations(boundsSeconds: readonly number[]): Promise<DurationCounts<StageEnd>[]> {
    const bounds = negated(boundsSeconds);
    const rows = await this.database.$queryRaw<Kinds<{ stage: JobStage; outcome: JobState }>>`
      SELECT stage::text, outcome::text, width_bucket(-seconds, ${bounds}::float8[]) AS within,
             count(*)::int AS count, sum(seconds)::float8 AS seconds
      FROM (SELECT stage, outcome, date_part('epoch', "endedAt" - "startedAt") AS seconds
            FROM "JobStageRun" WHERE "endedAt" IS NOT NULL) AS ended
      GROUP BY 1, 2, 3`;
    return grouped(rows, boundsSeconds.length, ({ stage, outcome }) => ({ stage, outcome }));
  }

  async outbox(): Promise<OutboxCounts> {
    const { _count, _min } = await this.database.outboxMessage.aggregate({
      where: { sentAt: null },
      _count: true,
      _min: { createdAt: true },
    });
    return { pending: _count, oldestAt: _min.createdAt ?? undefined };
  }
}

/** `width_bucket` leaves a value that equals a bound above it; of the opposite numbers, it leaves it below. */
const negated = (bounds: readonly number[]): number[] => bounds.map((bound) => -bound).reverse();

function grouped<Row extends Bucket, Kind>(
  rows: readonly Row[],
  bounds: number,
  kindOf: (row: Row) => Kind,
): DurationCounts<Kind>[] {
  const kinds = new Map<string, { kind: Kind; counts: number[]; sumSeconds: number }>();
  for (const row of rows) {
    const kind = kindOf(row);
    const key = JSON.stringify(kind);
    const known = kinds.get(key) ?? { kind, counts: Array<number>(bounds + 1).fill(0), sumSeconds: 0 };
    known.counts[bounds - row.within] = row.count;
    known.sumSeconds += row.seconds;
    kinds.set(key, known);
  }
  return [...kinds.values()];
}
