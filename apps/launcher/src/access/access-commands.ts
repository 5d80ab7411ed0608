import { CONSOLE } from '#access';
import { DEFAULT_TEAM_ID } from '#storage';
import { keepAdminKey } from './admin-key.js';
import type { AccessServices } from './open-access.js';

export interface KeyOptions {
  /** Of the key. */
  readonly name: string;
  /** Whether the key is kept in the data directory, too. */
  readonly keep: boolean;
  readonly dataDir: string;
}

/** Makes a team with its first admin key. @throws AppError already_exists */
export async function makeTeam(services: AccessServices, team: string, options: KeyOptions): Promise<string> {
  const { id } = await services.teams.create(team, CONSOLE);
  await record(services, id, 'createTeam', id);
  return `team ${team} (${id})\n${await newAdminKey(services, id, options)}`;
}

/** Makes another admin key of a team: for when all are lost. @throws AppError not_found */
export async function makeAdminKey(
  services: AccessServices,
  team: string,
  options: KeyOptions,
): Promise<string> {
  const { id } = await services.teams.byName(team);
  return newAdminKey(services, id, options);
}

/**
 * Has another key sign stability reports from now on.
 * @param leaked others know the one before: it is forgotten, and what it signed counts no more
 */
export async function rotateSigningKey(services: AccessServices, leaked: boolean): Promise<string> {
  const keyId = await services.signingKeys.rotate(leaked ? 'forgotten' : 'retired');
  await record(services, DEFAULT_TEAM_ID, 'rotateSigningKey', keyId);
  const former = leaked ? 'the one before is forgotten' : 'the one before stays listed as retired';
  return `reports are signed with key ${keyId} from now on; ${former}\n`;
}

async function newAdminKey(services: AccessServices, teamId: string, options: KeyOptions): Promise<string> {
  const { name, keep, dataDir } = options;
  const { id, key } = await services.apiKeys.create({ teamId, owner: CONSOLE }, { name, role: 'admin' });
  await record(services, teamId, 'createApiKey', id);
  if (keep) keepAdminKey(dataDir, key);
  return `admin key "${name}" (${id}), shown this once: ${key}\n`;
}

async function record(
  { auditLog }: AccessServices,
  teamId: string,
  action: string,
  resource: string,
): Promise<void> {
  const actor = { kind: 'console' as const, name: CONSOLE };
  await auditLog.record(teamId, { actor, action, method: CONSOLE, resource });
}
