import { S3Client } from '@aws-sdk/client-s3';
import type { Artifacts } from '../open-artifacts.js';
import { removeSpooled, S3ArtifactStore } from './s3-artifact-store.js';
import { S3Bucket } from './s3-bucket.js';
import { artifactsUrlError, s3LocationOf } from './s3-location.js';
import { S3ObjectFiles } from './s3-object-files.js';

/** The first try included; the SDK waits longer before each. */
const TRIES = 4;
const CONNECT_TIMEOUT_MS = 5_000;
/** Of a connection through which nothing comes. */
const SILENCE_TIMEOUT_MS = 60_000;
/** Downloads that are under way each hold one. */
const MAX_CONNECTIONS = 200;

/**
 * Opens the stores of an `s3://` URL; nothing is sent yet.
 * @throws ConfigError for a bad URL, or when neither it nor the AWS configuration names a region
 */
export async function openS3Store(artifactsUrl: string): Promise<Artifacts> {
  const { bucket: name, prefix, endpoint, region, forcePathStyle } = s3LocationOf(artifactsUrl);
  const client = new S3Client({
    ...{ endpoint, region, forcePathStyle, maxAttempts: TRIES },
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_TIMEOUT_MS,
      httpAgent: { maxSockets: MAX_CONNECTIONS },
      httpsAgent: { maxSockets: MAX_CONNECTIONS },
    },
    // Servers other than Amazon's do not all know the newer checksums; content is held to its SHA-256 anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  await client.config.region().catch(() => {
    throw artifactsUrlError(
      artifactsUrl,
      'expected region=NAME in it, or a region in AWS_REGION or the profile',
    );
  });
  const bucket = new S3Bucket(client, name, prefix);
  return {
    store: new S3ArtifactStore(bucket),
    objectFiles: new S3ObjectFiles(bucket),
    removeUnfinished: removeSpooled,
    close: () => client.destroy(),
  };
}
