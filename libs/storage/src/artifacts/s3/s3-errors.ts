import { S3ServiceException } from '@aws-sdk/client-s3';
import { AppError } from '#contracts';

/** A HEAD request's answer has no body that could say which of the two is missing. */
const MISSING = new Set(['NoSuchKey', 'NotFound']);
/** What the SDK throws before it has sent anything. */
const NOT_SENT = new Set(['CredentialsProviderError', 'TokenProviderError', 'TimeoutError']);

export function isNoSuchObject(error: unknown): boolean {
  return error instanceof S3ServiceException && MISSING.has(error.name);
}

export function isOutsideObject(error: unknown): boolean {
  return error instanceof S3ServiceException && error.name === 'InvalidRange';
}

/** AppError unavailable for what the store, or the way to it, is to blame for; any other error as it is. */
export function errorOfStore(bucket: string, error: unknown): Error {
  if (!isOfStore(error)) return error as Error;
  const says = error instanceof S3ServiceException ? `answers "${error.name}"` : 'does not answer';
  return new AppError('unavailable', `the artifact store (S3 bucket "${bucket}") ${says}`, { cause: error });
}

/** The error of content that ends before its end. */
export function brokenOff(bucket: string, cause: Error): AppError {
  const detail = `a download from the artifact store (S3 bucket "${bucket}") broke off`;
  return new AppError('unavailable', detail, { cause });
}

/** The SDK gives every error of a request its metadata, those of the network too. */
function isOfStore(error: unknown): boolean {
  return error instanceof Error && ('$metadata' in error || NOT_SENT.has(error.name));
}
