import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { freePort } from '#runtime';
import { temporaryFolder } from '../temporary-folder.js';
import { waitUntil } from '../wait-until.js';

const SERVER = path.resolve(import.meta.dirname, '../../s3-server.mjs');
const BUCKET = 'isochron-test';
/** The only ones that s3rver knows; the AWS SDK looks for them here. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };

export interface TestS3 {
  readonly bucket: string;
  readonly endpoint: string;
  /** An ARTIFACTS_URL of its own in the bucket. */
  newUrl(endpoint?: string): string;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
}

/** An S3 server (s3rver) in a process of its own, with one bucket. Sets the credentials of this process. */
export async function testS3(): Promise<TestS3> {
  Object.assign(process.env, CREDENTIALS);
  const folder = await temporaryFolder('s3');
  const port = await freePort();
  const server = spawn(
    process.execPath,
    ['--openssl-legacy-provider', SERVER, folder.path, String(port), BUCKET],
    {
      stdio: 'ignore',
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const endpoint = `http://127.0.0.1:${port}`;
  await waitUntil('the S3 server answers', () => fetch(endpoint).then(Boolean, () => false));
  return {
    bucket: BUCKET,
    endpoint,
    newUrl: (reached = endpoint) =>
      `s3://${BUCKET}/${randomUUID()}?endpoint=${reached}&region=us-east-1&forcePathStyle=true`,
    stop: async () => {
      server.kill();
      await ended;
      await folder.remove();
    },
  };
}
