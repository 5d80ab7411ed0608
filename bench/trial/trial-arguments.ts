import { InvalidArgumentError } from 'commander';

/**
 * Value of `--set`; what may be in it is checked where method and other options are known.
 * @throws InvalidArgumentError for anything but a JSON object
 */
export function jsonObject(text: string): Readonly<Record<string, unknown>> {
  const parsed = parsedJson(text);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  throw new InvalidArgumentError('expected a JSON object of training options, as {"learningRate":0.05}');
}

/** Undefined where it is no JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Value of `--ratios`. @throws InvalidArgumentError naming the first value that does not fit */
export function ratioList(text: string): number[] {
  const values = text.split(',');
  const ratios = values.map((value) => (value.trim() === '' ? NaN : Number(value)));
  const bad = ratios.findIndex(
    (ratio, i) => !(ratio >= 0 && ratio < 1 && (i === 0 || ratio > ratios[i - 1]!)),
  );
  if (bad < 0) return ratios;
  throw new InvalidArgumentError(
    `"${values[bad]}": expected ascending numbers in [0, 1) without duplicates between commas, as 0,0.5`,
  );
}
