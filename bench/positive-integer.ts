import { InvalidArgumentError } from 'commander';

/** Value of a command line's option. @throws InvalidArgumentError when it is anything else */
export function positiveInteger(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a positive integer');
}
