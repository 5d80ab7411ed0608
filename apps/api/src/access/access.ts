import type { Role } from '#contracts';

/** Roles of people, from the least to the most: each may do what those before it may. */
const LADDER = ['viewer', 'member', 'admin'] as const;
export type LadderRole = (typeof LADDER)[number];

/**
 * What a key of role `device` must be checked for, beyond its role: that the request is about its own device.
 * - `itself`: nothing, the route tells the key about itself
 * - `lease`: the body's `deviceId`
 * - `version`: that it runs, or ran, the version that the path names
 * - `alias`: the same, of the version that the alias of the path points to
 * - the others: the resource that the path names
 */
export type DeviceScope =
  'itself' | 'lease' | 'device' | 'measuring task' | 'deployment' | 'artifact' | 'version' | 'alias';

/** Who may call a route. */
export type Access =
  | { readonly public: true }
  | { readonly public: false; readonly roles: readonly Role[]; readonly device?: DeviceScope };

/** Roles beside those of people. */
export interface OtherRoles {
  readonly worker?: true;
  readonly device?: DeviceScope;
}

/** Access from a role of people on, and for others that are named. */
export function accessFrom(least: LadderRole, { worker, device }: OtherRoles): Access {
  const roles: Role[] = [...LADDER.slice(LADDER.indexOf(least))];
  if (worker) roles.push('worker');
  if (device === undefined) return { public: false, roles };
  return { public: false, roles: [...roles, 'device'], device };
}

/** "member or admin": as messages and the OpenAPI document list roles. */
export function rolesText(roles: readonly Role[]): string {
  const [last, ...others] = [...roles].reverse();
  return others.length === 0 ? String(last) : `${others.reverse().join(', ')} or ${last}`;
}
