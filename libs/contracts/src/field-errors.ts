import type { z } from 'zod';
import type { FieldError } from './errors.js';

type Issue = z.core.$ZodIssue;

const LONGEST_ECHO = 200;

/**
 * Names field, value and expectation of everything that a contract found wrong with `input`.
 * @param root what the field path is called when the whole input is wrong: "body", say
 * @param unknown what was expected in place of a field that the contract does not name
 */
export function fieldErrors(
  issues: readonly Issue[],
  input: unknown,
  root: string,
  unknown = 'no field of this name',
): FieldError[] {
  return issues.flatMap(nearestOf).flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [fieldError(issue.path, input, root, expectation(issue))];
    return issue.keys.map((key) => fieldError([...issue.path, key], input, root, unknown));
  });
}

/** Where a value is meant as one alternative, for only that is of its type, what is wrong inside it says more than all do. */
function nearestOf(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const [near, ...others] = issue.errors.filter((branch) => branch.every(isInside));
  if (near === undefined || others.length > 0) return [issue];
  return near.flatMap((inside) => nearestOf({ ...inside, path: [...issue.path, ...inside.path] }));
}

const isInside = ({ code, path }: Issue): boolean => path.length > 0 || code === 'unrecognized_keys';

/** `["points", 0, "name"]` as `points[0].name`, an empty name as `labels[""]`. */
export function fieldPath(path: readonly PropertyKey[], root: string): string {
  if (path.length === 0) return root;
  return path
    .map((key, index) => {
      if (typeof key === 'number' || key === '') return `[${JSON.stringify(key)}]`;
      return `${index > 0 ? '.' : ''}${String(key)}`;
    })
    .join('');
}

/** A value as an error answer repeats it: whole when small, else its start or its size. */
export function echoed(value: unknown): unknown {
  if (typeof value === 'string' && value.length > LONGEST_ECHO) return `${value.slice(0, LONGEST_ECHO)}…`;
  if (Array.isArray(value) && !fits(value)) return `array of ${value.length}`;
  if (typeof value === 'object' && value !== null && !fits(value)) {
    return `object of ${Object.keys(value).length} fields`;
  }
  return value;
}

function fits(value: object): boolean {
  return JSON.stringify(value).length <= LONGEST_ECHO;
}

function fieldError(
  path: readonly PropertyKey[],
  input: unknown,
  root: string,
  expected: string,
): FieldError {
  const value = valueAt(input, path);
  const field = fieldPath(path, root);
  return value === undefined ? { field, expected } : { field, value: echoed(value), expected };
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
      ? (value as Record<PropertyKey, unknown>)[key]
      : undefined;
  }, input);
}

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_union') return unionExpectation(issue);
  if (issue.code === 'invalid_key') return issue.issues.map((i) => expectation(i)).join(' and ');
  if (isSizeIssue(issue)) return sizeExpectation(issue);
  if (issue.code === 'invalid_value' && issue.values.length > 1) return oneOf(issue.values);
  if (issue.code === 'not_multiple_of') return `a multiple of ${issue.divisor}`;
  if (issue.code === 'invalid_type' && issue.expected === 'record') return 'object';
  const stated = /expected (.*)$/s.exec(issue.message)?.[1];
  if (stated !== undefined) return stated.replace(/, received .*$/s, '');
  return issue.code === 'invalid_format' ? `a valid ${issue.format}` : issue.message;
}

type SizeIssue = Extract<Issue, { code: 'too_small' | 'too_big' }>;

const COUNTED: Readonly<Record<string, string>> = { string: 'character', array: 'item', set: 'item' };

/** A contract's own message, where it has one, says more. */
const isSizeIssue = (issue: Issue): issue is SizeIssue =>
  (issue.code === 'too_small' || issue.code === 'too_big') && /^Too (?:small|big): /.test(issue.message);

/** "a number above 0", "at most 3 characters". */
function sizeExpectation(issue: SizeIssue): string {
  const isSmall = issue.code === 'too_small';
  const limit = isSmall ? issue.minimum : issue.maximum;
  const counted = COUNTED[issue.origin];
  const inclusive = issue.exact === true ? 'exactly' : isSmall ? 'at least' : 'at most';
  if (counted !== undefined) return `${inclusive} ${limit} ${counted}${Number(limit) === 1 ? '' : 's'}`;
  const noun = issue.origin === 'int' ? 'a whole number' : 'a number';
  if (issue.inclusive === false) return `${noun} ${isSmall ? 'above' : 'below'} ${limit}`;
  return `${noun} of ${inclusive} ${limit}`;
}

function oneOf(values: readonly unknown[]): string {
  return `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`;
}

function unionExpectation(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  if ('options' in issue && issue.options !== undefined) {
    return oneOf(issue.options);
  }
  const alternatives = issue.errors.flatMap((branch) => branch.map((i) => expectation(i)));
  return `one of ${[...new Set(alternatives)].join(', ')}`;
}
