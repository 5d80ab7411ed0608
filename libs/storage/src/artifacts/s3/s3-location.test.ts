import { ConfigError } from '#runtime';
import { s3LocationOf } from './s3-location.js';

test.each([
  [
    's3://models',
    { bucket: 'models', prefix: '', endpoint: undefined, region: undefined, forcePathStyle: false },
  ],
  ['s3://models/', { prefix: '' }],
  ['s3://models/team.a/isochron_1', { prefix: 'team.a/isochron_1/' }],
  ['s3://models/a/b/', { prefix: 'a/b/' }],
  ['s3://models?region=eu-central-1', { region: 'eu-central-1' }],
  [
    's3://models/a?endpoint=http://minio:9000&forcePathStyle=true',
    { prefix: 'a/', endpoint: 'http://minio:9000', region: 'us-east-1', forcePathStyle: true },
  ],
  [
    's3://models?endpoint=https%3A%2F%2Fs3.example.org&region=x',
    { endpoint: 'https://s3.example.org', region: 'x' },
  ],
])('reads %s', (url, expected) => {
  expect(s3LocationOf(url)).toMatchObject(expected);
});

const FORM = 'expected s3://BUCKET/PREFIX?endpoint=URL&region=NAME&forcePathStyle=true';
test.each([
  ['s3://', FORM],
  ['s3:bucket', FORM],
  ['s3://bucket:9000/a', FORM],
  ['s3://bucket/a#b', FORM],
  ['s3://bucket/a%2f..', FORM],
  ['s3://Bucket/a', 'expected the name of a bucket: 3 to 63 lower-case letters'],
  ['s3://b/a', 'expected the name of a bucket'],
  ['s3://bucket/a b', 'expected a prefix of letters'],
  ['s3://bucket/.a', 'expected a prefix of letters'],
  ['s3://bucket/a//b', 'expected a prefix of letters'],
  ['s3://bucket?endpoint=minio:9000', 'expected endpoint to be http://HOST:PORT or https://HOST'],
  ['s3://bucket?region=Frankfurt!', 'expected region to be a name like eu-central-1'],
  ['s3://bucket?forcePathStyle=yes', 'expected forcePathStyle to be true or false'],
  [
    's3://bucket?region=a&region=b',
    'expected each of endpoint, region, forcePathStyle once at most, and no "region"',
  ],
])('refuses %s', (url, expected) => {
  expect(() => s3LocationOf(url)).toThrow(ConfigError);
  expect(() => s3LocationOf(url)).toThrow(`ARTIFACTS_URL="${url}": ${expected}`);
});

test.each([
  's3://AKIA:HIDDEN@bucket/a',
  's3://bucket/a?endpoint=http://key:HIDDEN@minio:9000',
  's3://bucket/a?endpoint=http://key:HIDDEN%40minio:9000&secretAccessKey=HIDDEN',
  's3://bucket/a?secretAccessKey=HIDDEN&region=a',
  's3://bucket/a?region=a&sessionToken=HIDDEN',
])('shows no secret of %s', (url) => {
  const refused = (() => {
    try {
      return s3LocationOf(url);
    } catch (error) {
      return error as ConfigError;
    }
  })();
  expect(refused).toBeInstanceOf(ConfigError);
  expect(JSON.stringify([(refused as ConfigError).message, refused])).not.toMatch(/HIDDEN/);
});
