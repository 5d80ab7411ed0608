import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension, ApiResponse } from '@nestjs/swagger';
import { problemAnswers } from '../openapi/problem-answers.js';
import { accessFrom, type Access, type LadderRole, type OtherRoles } from './access.js';

export const ACCESS = 'isochron:access';
/** Names the roles of a route in the OpenAPI document; none for a public one. */
export const ROLES_EXTENSION = 'x-roles';

/**
 * The least role that may call a route: viewer, member, admin, in this order; `also` names others. A route needs this
 * or `@Public`, else the API does not start.
 */
export function Allows(least: LadderRole, also: OtherRoles = {}): MethodDecorator {
  const access = accessFrom(least, also);
  const roles = access.public ? [] : access.roles;
  return applyDecorators(
    SetMetadata(ACCESS, access),
    ApiExtension(ROLES_EXTENSION, roles),
    ...problemAnswers(['unauthenticated', 'forbidden', 'rate_limited']).map((answer) => ApiResponse(answer)),
  );
}

/** A route that needs no API key; a comment at it says why. */
export function Public(): MethodDecorator {
  const access: Access = { public: true };
  return applyDecorators(SetMetadata(ACCESS, access), ApiExtension(ROLES_EXTENSION, []));
}
