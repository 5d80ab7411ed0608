import { randomUUID } from 'node:crypto';
import { ApiKeyService, AuditLog, TeamService } from '#access';
import { SigningKeys } from '#registry';
import { openStorage } from '#storage';

/** Teams, keys, signing keys and the audit log of a database. */
export interface AccessServices {
  readonly apiKeys: ApiKeyService;
  readonly auditLog: AuditLog;
  readonly teams: TeamService;
  readonly signingKeys: SigningKeys;
}

/** Has `work` use the services of a database whose migrations are applied. */
export async function withAccess<T>(
  { databaseUrl, artifactsUrl }: { databaseUrl: string; artifactsUrl: string },
  work: (services: AccessServices) => Promise<T>,
): Promise<T> {
  // A connection that breaks fails the query that uses it, too.
  const onError = () => {};
  const storage = await openStorage({ databaseUrl, artifactsUrl, onError });
  const identity = { now: () => new Date(), newId: randomUUID };
  try {
    return await work({
      apiKeys: new ApiKeyService({ keys: storage.apiKeys, devices: storage.devices, onError, ...identity }),
      auditLog: new AuditLog({ entries: storage.auditLog, ...identity }),
      teams: new TeamService({ teams: storage.teams, ...identity }),
      signingKeys: new SigningKeys({ keys: storage.signingKeys }),
    });
  } finally {
    await storage.close();
  }
}
