import type { Team } from '#contracts';

/** Teams: everything belongs to one. */
export interface TeamRepository {
  /** @throws AppError already_exists */
  create(team: Team, owner: string): Promise<void>;
  find(teamId: string): Promise<Team | undefined>;
  findByName(name: string): Promise<Team | undefined>;
}
