import { AppError, notFound, type Actor, type Team } from '#contracts';
import type { TeamRepository } from './team-repository.port.js';

export interface TeamServiceParts {
  readonly teams: TeamRepository;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Teams are made at the console; over HTTP a team sees itself alone. */
export class TeamService {
  constructor(private readonly parts: TeamServiceParts) {}

  /** @throws AppError already_exists */
  async create(name: string, owner: string): Promise<Team> {
    const { teams, now, newId } = this.parts;
    const team: Team = { id: newId(), name, createdAt: now().toISOString() };
    await teams.create(team, owner);
    return team;
  }

  /** The team that an actor belongs to. @throws AppError internal where there is none, which cannot be */
  async of({ teamId }: Actor): Promise<Team> {
    const team = await this.parts.teams.find(teamId);
    if (team === undefined) throw new AppError('internal', `there is no team "${teamId}"`);
    return team;
  }

  /** @throws AppError not_found */
  async byName(name: string): Promise<Team> {
    const team = await this.parts.teams.findByName(name);
    if (team === undefined) throw notFound('team', name);
    return team;
  }
}
