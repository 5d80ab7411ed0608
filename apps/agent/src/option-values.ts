import { InvalidArgumentError } from 'commander';

export const DATA_DIR_HELP =
  'keeps the enrolment, networks, cells on their way, and the saved clocks while they are pinned';

export function parseServer(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new InvalidArgumentError(`"${text}", expected an http or https URL.`);
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    if (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
    throw new InvalidArgumentError(`"${text}", expected a whole number from ${min} to ${max}.`);
  };
}
