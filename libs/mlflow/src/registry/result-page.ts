import { AppError, type MlflowSearch } from '#contracts';
import { matches, parseFilter, type Attributes, type Condition, type Subject } from './filter.js';

export interface ResultPage<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; undefined behind the last. */
  readonly nextPageToken?: string;
}

interface Order {
  readonly by: string;
  readonly descending: boolean;
}

/** What is searched: its attributes, and the order of what nothing else puts in order. */
export interface Searched {
  readonly attributes: Attributes;
  readonly orderable: readonly string[];
  readonly usualOrder: readonly Order[];
}

export interface ParsedSearch {
  readonly conditions: readonly Condition[];
  /** The page of all that is found. */
  readonly page: <Item>(found: readonly (readonly [Subject, Item])[]) => ResultPage<Item>;
}

/** Results of one page at most, whatever was asked for. */
const MOST_RESULTS = 1000;

/** @throws AppError invalid_request naming filter, order_by or page_token */
export function parseSearch(search: MlflowSearch, searched: Searched): ParsedSearch {
  const conditions = parseFilter(search.filter, searched.attributes);
  const orders = [...search.order_by.map((text) => parseOrder(text, searched)), ...searched.usualOrder];
  const from = offsetIn(search.page_token);
  const limit = Math.min(search.max_results, MOST_RESULTS);
  return {
    conditions,
    page: (found) => {
      const matching = found.filter(([subject]) => matches(conditions, subject));
      matching.sort(([a], [b]) => compare(a, b, orders));
      const items = matching.slice(from, from + limit).map(([, item]) => item);
      return from + limit < matching.length ? { items, nextPageToken: tokenOf(from + limit) } : { items };
    },
  };
}

function parseOrder(text: string, { orderable }: Searched): Order {
  const [, by = '', direction = 'ASC'] = /^\s*`?(\w+)`?(?:\s+(ASC|DESC))?\s*$/i.exec(text) ?? [];
  if (orderable.includes(by)) return { by, descending: direction.toUpperCase() === 'DESC' };
  const expected = `one of ${orderable.join(', ')}, with ASC or DESC behind it`;
  throw new AppError('invalid_request', `order_by is "${text}": expected ${expected}`, {
    fields: [{ field: 'order_by', value: text, expected }],
  });
}

function compare(a: Subject, b: Subject, orders: readonly Order[]): number {
  for (const { by, descending } of orders) {
    const [left = '', right = ''] = [a.attributes[by], b.attributes[by]];
    if (left === right) continue;
    return left < right === descending ? 1 : -1;
  }
  return 0;
}

const tokenOf = (offset: number): string => Buffer.from(`offset ${offset}`).toString('base64url');

function offsetIn(token: string): number {
  if (token === '') return 0;
  const [, digits] = /^offset (\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (digits !== undefined) return Number(digits);
  const expected = 'the next_page_token of the page before';
  throw new AppError('invalid_request', `page_token is "${token}": expected ${expected}`, {
    fields: [{ field: 'page_token', value: token, expected }],
  });
}
