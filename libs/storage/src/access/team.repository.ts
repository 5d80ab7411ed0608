import type { TeamRepository } from '#access';
import { AppError, Team } from '#contracts';
import type { Database } from '../database/database.js';
import { isDuplicate } from '../database/database-errors.js';
import { plain } from '../database/rows.js';
import type { TeamModel } from '../generated/models.js';

export class PostgresTeamRepository implements TeamRepository {
  constructor(private readonly database: Database) {}

  async create({ id, name, createdAt }: Team, owner: string): Promise<void> {
    try {
      await this.database.team.create({ data: { id, name, owner, createdAt, updatedAt: createdAt } });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw new AppError('already_exists', `there is a team "${name}" already`, { cause: error });
    }
  }

  async find(teamId: string): Promise<Team | undefined> {
    return teamOrNone(await this.database.team.findUnique({ where: { id: teamId } }));
  }

  async findByName(name: string): Promise<Team | undefined> {
    return teamOrNone(await this.database.team.findUnique({ where: { name } }));
  }
}

const teamOrNone = (row: TeamModel | null) => (row === null ? undefined : Team.parse(plain(row)));
