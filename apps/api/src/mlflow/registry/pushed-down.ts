import type { TagFilter } from '#contracts';
import type { Condition } from '#mlflow';

/** What of a filter the database looks for; the rest is looked for in what it finds. */
export interface PushedDown {
  /** What names begin with. */
  readonly name?: string;
  readonly tag?: TagFilter;
}

/** @param conditions which all have to hold */
export function pushedDown(conditions: readonly Condition[]): PushedDown {
  const name = conditions.map(prefixOf).find((prefix) => prefix !== '');
  const tag = conditions.flatMap(({ kind, operator, name: key, value }) =>
    kind === 'tag' && operator === '=' && !key.startsWith('mlflow.') ? [{ key, value: String(value) }] : [],
  );
  return { ...(name !== undefined && { name }), ...(tag.length > 0 && { tag }) };
}

/** The name that is asked for, if one is. */
export function askedName(conditions: readonly Condition[]): string | undefined {
  const asked = conditions.find(
    ({ kind, name, operator }) => kind === 'attribute' && name === 'name' && operator === '=',
  );
  return asked && String(asked.value);
}

function prefixOf({ kind, name, operator, value }: Condition): string {
  if (kind !== 'attribute' || name !== 'name') return '';
  if (operator === '=') return String(value);
  return operator === 'LIKE' ? (/^[^%_]*/.exec(String(value))?.[0] ?? '') : '';
}
