import type { OpenAPIObject } from '@nestjs/swagger';
import type { Role } from '#contracts';
import { rolesText } from '../access/access.js';
import { ROLES_EXTENSION } from '../access/allows.decorator.js';

export const SECURITY_SCHEME = 'apiKey';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/**
 * Writes into every operation whether it needs an API key and of which role.
 * @throws Error naming the routes that say neither: they must not be served
 */
export function requireAccess(document: OpenAPIObject): void {
  const silent: string[] = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      const roles = (operation as unknown as Record<string, readonly Role[] | undefined>)[ROLES_EXTENSION];
      if (roles === undefined) silent.push(`${method.toUpperCase()} ${path}`);
      else Object.assign(operation, accessOf(roles, operation.description));
    }
  }
  if (silent.length > 0) throw new Error(`no @Allows or @Public says who may call ${silent.join(', ')}`);
}

function accessOf(roles: readonly Role[], description: string | undefined) {
  const needs =
    roles.length === 0 ? 'Needs no API key.' : `Needs an API key of the role ${rolesText(roles)}.`;
  return {
    security: roles.length === 0 ? [] : [{ [SECURITY_SCHEME]: [] }],
    description: [description, needs].filter(Boolean).join(' '),
  };
}
