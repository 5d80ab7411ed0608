/** Names of what is never logged, whatever object it is part of. */
const SECRET_NAMES = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'leaseToken',
  'apiKey',
  'body',
  'query',
] as const;

/** Where pino looks for them: in a line, in what it carries, and in the headers of that. */
export const REDACTED_PATHS: readonly string[] = SECRET_NAMES.flatMap((name) => [
  name,
  `*.${name}`,
  `headers.${name}`,
  `*.headers.${name}`,
]);

const SECRET_PARAMETER =
  /([?&](?:[\w.-]*(?:token|signature|secret|password|credential|key)[\w.-]*)=)[^&\s"')]+/gi;
const URL_WITH_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi;
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;

/** A text that may be logged: tokens, and the secrets of URLs that it quotes, are masked. */
export function withoutSecrets(text: string): string {
  return text
    .replace(SECRET_PARAMETER, '$1***')
    .replace(URL_WITH_PASSWORD, '$1***@')
    .replace(BEARER, '$1 ***');
}
