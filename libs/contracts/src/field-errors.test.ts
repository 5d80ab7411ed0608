import { z } from 'zod';
import { fieldErrors, fieldPath } from './field-errors.js';

const expectedOf = (schema: z.ZodType, value: unknown) =>
  fieldErrors(schema.safeParse(value).error!.issues, value, 'it').map(({ expected }) => expected);

describe('what a contract expected', () => {
  it.each<[string, z.ZodType, unknown]>([
    ['a number above 0', z.number().positive(), 0],
    ['a number below 1', z.number().lt(1), 1],
    ['a number of at least 0.01', z.number().min(0.01), 0],
    ['a number of at most 16', z.int().max(16), 17],
    ['at least 1 character', z.string().min(1), ''],
    ['at most 3 characters', z.string().max(3), 'four'],
    ['at least 1 item', z.array(z.number()).min(1), []],
    ['exactly 2 items', z.array(z.number()).length(2), [1]],
    ['a multiple of 0.5', z.number().multipleOf(0.5), 0.7],
    ['one of "stable", "deadline"', z.enum(['stable', 'deadline']), 'fast'],
    ['"auto"', z.literal('auto'), 'manual'],
    ['ascending ratios', z.array(z.number()).min(1, 'expected ascending ratios'), []],
    ['a valid uuid', z.uuid(), 'nope'],
  ])('reads %s', (expected, schema, value) => {
    expect(expectedOf(schema, value)).toEqual([expected]);
  });
});

describe('a value of the type of one alternative alone', () => {
  const schema = z.object({ events: z.union([z.literal('all'), z.array(z.enum(['a', 'b']))]) });
  const errorsOf = (events: unknown) =>
    fieldErrors(schema.safeParse({ events }).error!.issues, { events }, 'body');

  it('is told what is wrong inside it', () => {
    expect(errorsOf(['a', 'c'])).toEqual([{ field: 'events[1]', value: 'c', expected: 'one of "a", "b"' }]);
  });

  it('is told all of them where it is of none', () => {
    expect(errorsOf('none')).toEqual([{ field: 'events', value: 'none', expected: 'one of "all", array' }]);
  });
});

it('calls a field that is not known what it is told to', () => {
  const { issues } = z.strictObject({ limit: z.string() }).safeParse({ limit: '1', page: '2' }).error!;
  const errors = fieldErrors(issues, { limit: '1', page: '2' }, 'query', 'limit');
  expect(errors).toEqual([{ field: 'page', value: '2', expected: 'limit' }]);
});

it('names a place in a value as one would write it', () => {
  expect(fieldPath(['points', 0, 'name'], 'body')).toBe('points[0].name');
  expect(fieldPath(['labels', ''], 'body')).toBe('labels[""]');
  expect(fieldPath([], 'body')).toBe('body');
});
