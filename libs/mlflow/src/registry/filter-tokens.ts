import { badFilter } from './bad-filter.js';

export type TokenKind = 'word' | 'text' | 'number' | 'symbol';

export interface Token {
  readonly kind: TokenKind;
  /** Of a text without its quotes. */
  readonly value: string;
  /** Where it begins in the filter. */
  readonly at: number;
}

const KINDS: readonly (readonly [TokenKind, RegExp])[] = [
  ['text', /'([^']*)'|"([^"]*)"/y],
  // An attribute, or the tag of a key that may stand in quotes: tags.`team name`.
  ['word', /[A-Za-z_]\w*(?:\.(?:`[^`]*`|"[^"]*"|[\w\-./]+))?/y],
  ['number', /-?\d+(?:\.\d+)?/y],
  ['symbol', /<=|>=|!=|[=<>(),]/y],
];

/** @throws AppError invalid_request naming what no token begins with */
export function filterTokens(filter: string): Token[] {
  const tokens: Token[] = [];
  for (let at = skipSpace(filter, 0); at < filter.length;) {
    const [kind, match] = tokenAt(filter, at);
    tokens.push({ kind, value: match[1] ?? match[2] ?? match[0], at });
    at = skipSpace(filter, at + match[0].length);
  }
  return tokens;
}

function tokenAt(filter: string, at: number): [TokenKind, RegExpExecArray] {
  for (const [kind, pattern] of KINDS) {
    pattern.lastIndex = at;
    const match = pattern.exec(filter);
    if (match !== null) return [kind, match];
  }
  throw badFilter(filter, at, 'an attribute, a comparison or a value in quotes');
}

function skipSpace(text: string, from: number): number {
  const space = /\s*/y;
  space.lastIndex = from;
  space.exec(text);
  return space.lastIndex;
}
