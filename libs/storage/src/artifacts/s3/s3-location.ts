import { z } from 'zod';
import { ConfigError, withoutPassword } from '#runtime';

/** Where an S3 store is. Who may use it is the AWS SDK's to find out: environment, profile, role of the machine. */
export interface S3Location {
  readonly bucket: string;
  /** `""`, or what all keys begin with, up to a `/`. */
  readonly prefix: string;
  /** URL of a server other than Amazon's. */
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** Whether the bucket is the path's first name rather than a part of the host's. */
  readonly forcePathStyle: boolean;
}

const FORM = 's3://BUCKET/PREFIX?endpoint=URL&region=NAME&forcePathStyle=true';
const CREDENTIALS =
  'expected no credentials in it: the AWS SDK takes them from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role';
const KNOWN_PARAMETERS = ['endpoint', 'region', 'forcePathStyle'];
/** Servers other than Amazon's ask for one and hardly look at it. */
const REGION_OF_ENDPOINTS = 'us-east-1';

const Bucket = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, bucketExpected());
const Prefix = z
  .string()
  .regex(/^([A-Za-z0-9][A-Za-z0-9._-]*\/)*$/, `expected a prefix of letters, digits, ".", "_", "-" and "/"`)
  .max(256, 'expected a prefix of 256 characters at most');
const Parameters = z.object({
  endpoint: z
    .string()
    .refine(isServer, 'expected endpoint to be http://HOST:PORT or https://HOST')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'expected region to be a name like eu-central-1')
    .optional(),
  forcePathStyle: z.enum(['true', 'false'], 'expected forcePathStyle to be true or false').optional(),
});

/**
 * Reads `s3://bucket/prefix?endpoint=...`.
 * @throws ConfigError naming ARTIFACTS_URL, its value without secrets, and what was expected
 */
export function s3LocationOf(artifactsUrl: string): S3Location {
  const url = parsed(artifactsUrl);
  const bucket = checked(artifactsUrl, Bucket, url.hostname);
  const path = url.pathname.replace(/^\/+|\/+$/g, '');
  const prefix = checked(artifactsUrl, Prefix, path === '' ? '' : `${path}/`);
  const { endpoint, region, forcePathStyle } = checked(
    artifactsUrl,
    Parameters,
    parametersOf(url, artifactsUrl),
  );
  return {
    ...{ bucket, prefix, endpoint },
    region: region ?? (endpoint === undefined ? undefined : REGION_OF_ENDPOINTS),
    forcePathStyle: forcePathStyle === 'true',
  };
}

/** The error of an ARTIFACTS_URL that cannot be used; it shows neither passwords nor values of unknown parameters. */
export function artifactsUrlError(artifactsUrl: string, expected: string): ConfigError {
  const known = KNOWN_PARAMETERS.map((name) => `${name}=`).join('|');
  const unknown = new RegExp(`([?&](?!${known})[^=&]*=)[^&]*`, 'g');
  const value = withoutPassword(artifactsUrl.replaceAll('%40', '@')).replace(unknown, '$1***');
  return new ConfigError([{ variable: 'ARTIFACTS_URL', value, expected }]);
}

function parsed(artifactsUrl: string): URL {
  if (/@|%40/.test(artifactsUrl)) throw artifactsUrlError(artifactsUrl, CREDENTIALS);
  const isPlain = URL.canParse(artifactsUrl) && !/[#%]/.test(artifactsUrl.split('?')[0]!);
  const url = isPlain ? new URL(artifactsUrl) : undefined;
  if (!url?.hostname || url.port !== '' || url.hash !== '')
    throw artifactsUrlError(artifactsUrl, `expected ${FORM}`);
  return url;
}

function parametersOf(url: URL, artifactsUrl: string): Record<string, string> {
  const names = [...url.searchParams.keys()];
  const odd = names.find((name, i) => !KNOWN_PARAMETERS.includes(name) || names.indexOf(name) !== i);
  if (odd === undefined) return Object.fromEntries(url.searchParams);
  const expected = `expected each of ${KNOWN_PARAMETERS.join(', ')} once at most, and no "${odd}"`;
  throw artifactsUrlError(artifactsUrl, expected);
}

function checked<T>(artifactsUrl: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw artifactsUrlError(artifactsUrl, result.error.issues[0]!.message);
}

function bucketExpected(): string {
  return 'expected the name of a bucket: 3 to 63 lower-case letters, digits, "." and "-"';
}

function isServer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, search, hash } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && search === '' && hash === '';
}
