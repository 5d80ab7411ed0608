import type { Actor, ModelAddendum, VersionReference } from '#contracts';
import type { AddendumRepository } from '#registry';
import type { Database } from '../database/database.js';
import { OF_VERSION, toAddendum } from './addendum.rows.js';

export class PostgresAddendumRepository implements AddendumRepository {
  constructor(private readonly database: Database) {}

  async list({ teamId }: Actor, { model, version }: VersionReference): Promise<ModelAddendum[]> {
    const rows = await this.database.modelAddendum.findMany({
      where: { teamId, modelVersion: { version, model: { teamId, name: model } } },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      include: OF_VERSION,
    });
    return rows.map(toAddendum);
  }
}
