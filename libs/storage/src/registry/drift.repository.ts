import { z } from 'zod';
import { notFound, type Actor } from '#contracts';
import type { DriftPlace, DriftRepository, DriftState, StoredDrift } from '#registry';
import { driftWebhookEvent } from '#webhooks';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { isId, json } from '../database/rows.js';
import type { PointDriftModel } from '../generated/models.js';
import { recordWebhookEvents } from '../webhooks/record-webhook-events.js';
import { toDeployment, WITH_PLACE } from './model.rows.js';

const StoredState: z.ZodType<DriftState> = z.object({
  blocks: z.number(),
  slower: z.array(z.number()),
  faster: z.array(z.number()),
  pendingMs: z.array(z.number()),
  recentMediansMs: z.array(z.number()),
});

export class PostgresDriftRepository implements DriftRepository {
  constructor(private readonly database: Database) {}

  update(
    actor: Actor,
    { deploymentId, operatingPoint, now }: DriftPlace,
    change: (before: StoredDrift | undefined) => StoredDrift,
  ): Promise<StoredDrift> {
    return inTransaction(this.database, async (tx) => {
      await lockDeployment(tx, actor, deploymentId);
      const where = { deploymentId_operatingPoint: { deploymentId, operatingPoint } };
      const row = await tx.pointDrift.findUnique({ where });
      const before = row === null ? undefined : toStoredDrift(row);
      const after = change(before);
      if (after === before) return after;
      const { teamId, owner } = actor;
      const columns = { ...driftColumns(after), updatedAt: now };
      const create = { deploymentId, operatingPoint, teamId, owner, createdAt: now, ...columns };
      await tx.pointDrift.upsert({ where, create, update: columns });
      if (before?.alarm === undefined) await recordAlarm(tx, deploymentId, after, now);
      return after;
    });
  }

  async list({ teamId }: Actor, deploymentId: string): Promise<StoredDrift[]> {
    if (!isId(deploymentId)) return [];
    const rows = await this.database.pointDrift.findMany({
      where: { deploymentId, teamId },
      orderBy: { operatingPoint: 'asc' },
    });
    return rows.map(toStoredDrift);
  }
}

/** One post at a time, whichever points the posts are of: a device runs at one of them. */
async function lockDeployment(tx: Transaction, { teamId }: Actor, deploymentId: string): Promise<void> {
  if (!isId(deploymentId)) throw notFound('deployment', deploymentId);
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT id FROM "Deployment" WHERE id = ${deploymentId}::uuid AND "teamId" = ${teamId}::uuid FOR NO KEY UPDATE`;
  if (rows.length === 0) throw notFound('deployment', deploymentId);
}

async function recordAlarm(
  tx: Transaction,
  deploymentId: string,
  { operatingPoint, alarm }: StoredDrift,
  now: Date,
): Promise<void> {
  if (alarm === undefined) return;
  const row = await tx.deployment.findUniqueOrThrow({ where: { id: deploymentId }, include: WITH_PLACE });
  const point = { operatingPoint, drifted: alarm.drifted, driftedAt: alarm.at };
  await recordWebhookEvents(tx, [driftWebhookEvent(toDeployment(row), point, now)]);
}

function driftColumns({ state, sequence, alarm }: StoredDrift) {
  return {
    state: json(state),
    sequence: sequence ?? null,
    drifted: alarm?.drifted ?? null,
    driftedAt: alarm?.at ?? null,
  };
}

function toStoredDrift({
  operatingPoint,
  state,
  sequence,
  drifted,
  driftedAt,
}: PointDriftModel): StoredDrift {
  return {
    operatingPoint,
    state: StoredState.parse(state),
    ...(sequence === null ? {} : { sequence: Number(sequence) }),
    ...(drifted === null || driftedAt === null ? {} : { alarm: { drifted, at: driftedAt } }),
  };
}
