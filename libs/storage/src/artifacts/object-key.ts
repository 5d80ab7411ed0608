import { AppError } from '#contracts';

/** S3 takes 1,024 bytes of key and store's prefix together. */
const MAX_LENGTH = 512;
const NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}';
const KEY = new RegExp(`^${NAME}(/${NAME}){0,7}$`);
const PREFIX = new RegExp(`^(${NAME}/){0,7}(${NAME})?$`);
const EXPECTED =
  'names of letters, digits, ".", "_" and "-" that begin with a letter or digit, joined by "/" (512 characters at most)';

/**
 * The key itself. No name begins with a dot, so none leads out of the store's folder and none is that of a file that
 * is being written.
 * @throws AppError invalid_request
 */
export function checkedKey(key: string): string {
  return checked('key', KEY, key);
}

/** @throws AppError invalid_request for what no key can begin with */
export function checkedPrefix(prefix: string): string {
  return checked('prefix', PREFIX, prefix);
}

function checked(field: string, form: RegExp, value: string): string {
  if (form.test(value) && value.length <= MAX_LENGTH) return value;
  throw new AppError('invalid_request', `${field} is "${value}": expected ${EXPECTED}`, {
    fields: [{ field, value, expected: EXPECTED }],
  });
}
