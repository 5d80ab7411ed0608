import type { TestApi } from './test-api.js';

/** A route of the OpenAPI document. */
export interface Operation {
  /** `GET /v1/jobs/{id}` */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  /** Roles that may call it; none for a public one. */
  readonly roles: readonly string[];
}

/** Every route that the API says it has. */
export async function operationsOf(api: TestApi): Promise<Operation[]> {
  const { body } = await api.get<{ paths: Record<string, Record<string, any>> }>('/openapi.json');
  return Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([name, operation]) => {
      const method = name.toUpperCase();
      const { operationId } = operation as { operationId: string };
      return { route: `${method} ${path}`, method, path, operationId, roles: operation['x-roles'] };
    }),
  );
}
