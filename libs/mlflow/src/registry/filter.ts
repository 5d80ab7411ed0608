import { badFilter } from './bad-filter.js';
import { filterTokens, type Token } from './filter-tokens.js';
import { likePattern } from './like-pattern.js';

export type AttributeType = 'text' | 'number';
/** What filters may compare besides tags, and as what. */
export type Attributes = Readonly<Record<string, AttributeType>>;

type Value = string | number | readonly string[];

export interface Condition {
  readonly kind: 'attribute' | 'tag';
  readonly name: string;
  readonly operator: Operator;
  readonly value: Value;
  readonly holdsOf: (found: string | number) => boolean;
}

/** What is filtered: a model or a version. */
export interface Subject {
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly tags: Readonly<Record<string, string>>;
}

const TEXT_OPERATORS = ['=', '!=', 'LIKE', 'ILIKE'] as const;
const LIST_OPERATORS = ['IN', 'NOT IN'] as const;
const NUMBER_OPERATORS = ['=', '!=', '<', '<=', '>', '>='] as const;
type Operator =
  (typeof TEXT_OPERATORS)[number] | (typeof LIST_OPERATORS)[number] | (typeof NUMBER_OPERATORS)[number];

const TAG = /^tags?\.(?:`([^`]*)`|"([^"]*)"|(.+))$/;
const ATTRIBUTE = /^(?:attributes?\.)?(\w+)$/;
/** Marks prompts, which MLflow keeps among models: its clients ask for those that are none. */
const PROMPT_TAG = 'mlflow.prompt.is_prompt';

/**
 * Reads MLflow's filters: `name LIKE 'digits%' AND tags.team = 'edge'`. All conditions have to hold; there is no OR.
 * @throws AppError invalid_request saying where it stops to be one, and what was expected there
 */
export function parseFilter(filter: string, attributes: Attributes): Condition[] {
  return new Parser(filter, attributes).conditions();
}

class Parser {
  private readonly tokens: readonly Token[];
  private next = 0;

  constructor(
    private readonly filter: string,
    private readonly attributes: Attributes,
  ) {
    this.tokens = filterTokens(filter);
  }

  conditions(): Condition[] {
    if (this.tokens.length === 0) return [];
    const conditions = [this.condition()];
    while (this.next < this.tokens.length) {
      if (this.takeWord('AND') === undefined) throw this.expected('AND');
      conditions.push(this.condition());
    }
    return conditions;
  }

  private condition(): Condition {
    const { kind, name, type } = this.subject();
    const operator = this.operator(kind === 'tag' ? TEXT_OPERATORS : operatorsOf(type));
    const value = this.value(operator, type);
    return { kind, name, operator, value, holdsOf: comparison(operator, value) };
  }

  private subject(): { kind: Condition['kind']; name: string; type: AttributeType } {
    const token = this.tokens[this.next];
    const known = `${Object.keys(this.attributes).join(', ')} or tags.KEY`;
    if (token?.kind !== 'word') throw this.expected(known);
    const tag = TAG.exec(token.value);
    const [, attribute = ''] = ATTRIBUTE.exec(token.value) ?? [];
    const type = tag ? 'text' : Object.hasOwn(this.attributes, attribute) && this.attributes[attribute];
    if (!type) throw this.expected(known);
    this.next++;
    return tag
      ? { kind: 'tag', name: tag[1] ?? tag[2] ?? tag[3]!, type }
      : { kind: 'attribute', name: attribute, type };
  }

  private operator(allowed: readonly Operator[]): Operator {
    const found = allowed.find((operator) => this.takeOperator(operator));
    if (found === undefined) throw this.expected(allowed.join(', '));
    return found;
  }

  private takeOperator(operator: Operator): boolean {
    const words = operator.split(' ');
    const matches = words.every((word, ahead) => this.isWord(word, ahead));
    if (matches) this.next += words.length;
    return matches;
  }

  private value(operator: Operator, type: AttributeType): Value {
    if (operator === 'IN' || operator === 'NOT IN') return this.list();
    if (type === 'text') return this.take('text', 'a value in quotes');
    return Number(this.take('number', 'a number'));
  }

  private list(): string[] {
    if (this.takeWord('(') === undefined) throw this.expected('( and values in quotes');
    const values = [this.take('text', 'a value in quotes')];
    while (this.takeWord(',') !== undefined) values.push(this.take('text', 'a value in quotes'));
    if (this.takeWord(')') === undefined) throw this.expected(', or )');
    return values;
  }

  private take(kind: Token['kind'], expected: string): string {
    const token = this.tokens[this.next];
    if (token?.kind !== kind) throw this.expected(expected);
    this.next++;
    return token.value;
  }

  private takeWord(word: string): Token | undefined {
    return this.isWord(word) ? this.tokens[this.next++] : undefined;
  }

  private isWord(word: string, ahead = 0): boolean {
    const token = this.tokens[this.next + ahead];
    return (token?.kind === 'word' || token?.kind === 'symbol') && token.value.toUpperCase() === word;
  }

  private expected(what: string) {
    return badFilter(this.filter, this.tokens[this.next]?.at ?? this.filter.length, what);
  }
}

function operatorsOf(type: AttributeType): readonly Operator[] {
  return type === 'number' ? NUMBER_OPERATORS : [...TEXT_OPERATORS, ...LIST_OPERATORS];
}

/** Whether all conditions hold. None does of what the subject lacks. */
export function matches(conditions: readonly Condition[], subject: Subject): boolean {
  return conditions.every((condition) => {
    const found = valueIn(condition, subject);
    return found !== undefined && condition.holdsOf(found);
  });
}

function valueIn({ kind, name }: Condition, { attributes, tags }: Subject): string | number | undefined {
  if (kind === 'attribute') return attributes[name];
  const isThere = Object.hasOwn(tags, name);
  return isThere ? tags[name] : name === PROMPT_TAG ? 'false' : undefined;
}

function comparison(operator: Operator, value: Value): Condition['holdsOf'] {
  switch (operator) {
    case '=':
      return (found) => found === value;
    case '!=':
      return (found) => found !== value;
    case '<':
      return (found) => found < value;
    case '<=':
      return (found) => found <= value;
    case '>':
      return (found) => found > value;
    case '>=':
      return (found) => found >= value;
    case 'LIKE':
    case 'ILIKE': {
      const isLike = likePattern(String(value), operator === 'ILIKE');
      return (found) => isLike(String(found));
    }
    case 'IN':
      return (found) => (value as readonly string[]).includes(String(found));
    case 'NOT IN':
      return (found) => !(value as readonly string[]).includes(String(found));
  }
}
