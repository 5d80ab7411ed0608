import { MlflowSearch } from '#contracts';
import { parseSearch, type Searched } from './result-page.js';
import type { Subject } from './filter.js';

const SEARCHED: Searched = {
  attributes: { name: 'text' },
  orderable: ['name', 'creation_timestamp'],
  usualOrder: [{ by: 'name', descending: false }],
};
const ALL = ['b', 'd', 'a', 'c', 'e'].map((name, index): [Subject, string] => [
  { attributes: { name, creation_timestamp: index < 2 ? 1 : 2 }, tags: {} },
  name,
]);
const search = (query: object = {}) => parseSearch(MlflowSearch.parse(query), SEARCHED).page(ALL);

test('what nobody puts in order is ordered by name', () => {
  expect(search()).toEqual({ items: ['a', 'b', 'c', 'd', 'e'] });
});

test('orders are taken one after the other, by name at last', () => {
  expect(search({ order_by: ['creation_timestamp DESC', 'name DESC'] }).items).toEqual([
    'e',
    'c',
    'a',
    'd',
    'b',
  ]);
  expect(search({ order_by: '`creation_timestamp`' }).items).toEqual(['b', 'd', 'a', 'c', 'e']);
});

test('pages follow each other, of what the filter leaves', () => {
  const query = { filter: "name != 'c'", max_results: '3' };
  const first = search(query);
  expect(first.items).toEqual(['a', 'b', 'd']);
  const second = search({ ...query, page_token: first.nextPageToken });
  expect(second).toEqual({ items: ['e'] });
});

test.each([
  [
    { order_by: ['size'] },
    'order_by is "size": expected one of name, creation_timestamp, with ASC or DESC behind it',
  ],
  [{ order_by: ['name UP'] }, 'order_by is "name UP"'],
  [{ page_token: 'abc' }, 'page_token is "abc": expected the next_page_token of the page before'],
])('%j is refused', (query, message) => {
  expect(() => search(query)).toThrow(message);
});
