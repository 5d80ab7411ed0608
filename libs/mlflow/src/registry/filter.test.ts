import { matches, parseFilter, type Attributes, type Subject } from './filter.js';

const ATTRIBUTES: Attributes = { name: 'text', version_number: 'number', run_id: 'text' };
const digits: Subject = {
  attributes: { name: 'digits-50%', version_number: 12 },
  tags: { team: 'Edge', 'a b': "it's", 'x.y': '1' },
};
const finds = (filter: string, subject = digits) => matches(parseFilter(filter, ATTRIBUTES), subject);

test.each([
  ["name = 'digits-50%'", true],
  ['name="digits-50%"', true],
  ["name = 'digits'", false],
  ["name != 'digits'", true],
  ["attributes.name LIKE 'digits%'", true],
  ["name like 'DIGITS%'", false],
  ["name ILIKE 'DIGITS%'", true],
  ["name LIKE '_igits-5__'", true],
  ["name LIKE '.*'", false],
  ["name IN ('a', 'digits-50%')", true],
  ["name NOT IN ('a','b')", true],
  ["name not in ('digits-50%')", false],
  ['version_number > 11 AND version_number <= 12', true],
  ['version_number<12', false],
  ['version_number != 12', false],
  ["tags.team = 'Edge'", true],
  ["tag.team ILIKE 'e%' and name LIKE '%'", true],
  ['tags.`a b` = "it\'s"', true],
  ['tags."a b" LIKE \'it%\'', true],
  ["tags.x.y = '1'", true],
  ["tags.team != 'Edge'", false],
])('%s', (filter, found) => {
  expect(finds(filter)).toBe(found);
});

test.each(['LIKE', 'ILIKE'])('a hostile pattern ends at once: %s', (operator) => {
  const tags = { note: 'a'.repeat(500) };
  const found = finds(`tags.note ${operator} '${'%a'.repeat(4999)}%b'`, { attributes: {}, tags });
  expect(found).toBe(false);
});

test('nothing holds of what there is not, not even that it is another', () => {
  expect(
    ["run_id = 'x'", "run_id != 'x'", "tags.none != 'x'", "tags.toString = 'x'"].map((f) => finds(f)),
  ).toEqual([false, false, false, false]);
});

test('models are no prompts, which MLflow asks for with every search', () => {
  expect(finds("tags.`mlflow.prompt.is_prompt` != 'true'")).toBe(true);
  expect(finds("tags.`mlflow.prompt.is_prompt` = 'true'")).toBe(false);
});

test('no filter finds everything', () => {
  expect([finds(''), finds('  ')]).toEqual([true, true]);
});

test.each([
  ["name LIKES 'a'", 'at "LIKES \'a\'": expected =, !=, LIKE, ILIKE, IN, NOT IN'],
  ['name = digits', 'at "digits": expected a value in quotes'],
  ["name = 'digits", 'at "\'digits": expected an attribute, a comparison or a value in quotes'],
  ["stage = 'x'", 'at "stage = \'x\'": expected name, version_number, run_id or tags.KEY'],
  ["constructor = 'x'", 'at "constructor = \'x\'": expected name, version_number, run_id or tags.KEY'],
  ["name = 'a' OR name = 'b'", 'at "OR name = \'b\'": expected AND'],
  ["name = 'a' AND", 'at its end: expected name, version_number, run_id or tags.KEY'],
  ["version_number = '1'", 'at "\'1\'": expected a number'],
  ['version_number LIKE 1', 'at "LIKE 1": expected =, !=, <, <=, >, >='],
  ["tags.a > 'x'", 'at "> \'x\'": expected =, !=, LIKE, ILIKE'],
  ["name IN ('a'", 'at its end: expected , or )'],
  ["name IN 'a'", 'at "\'a\'": expected ( and values in quotes'],
  ["name = 'a';", 'at ";": expected an attribute, a comparison or a value in quotes'],
])('%s is refused with what was expected where', (filter, message) => {
  expect(() => parseFilter(filter, ATTRIBUTES)).toThrow(
    expect.objectContaining({ code: 'invalid_request', message: `filter, ${message}` }) as Error,
  );
});
