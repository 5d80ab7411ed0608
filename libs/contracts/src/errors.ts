import type { Fault } from './common.js';

interface ErrorKind {
  readonly title: string;
  readonly fault: Fault;
  /** Whether trying the same again may succeed. */
  readonly retry: boolean;
}

/** Every stable error code, who is at fault and whether a retry makes sense. docs/errors.md lists them. */
export const ERROR_CODES = {
  invalid_request: { title: 'The request is not valid', fault: 'user', retry: false },
  unauthenticated: { title: 'The request has no API key that is accepted', fault: 'user', retry: false },
  forbidden: { title: 'The role of the API key does not allow this', fault: 'user', retry: false },
  rate_limited: { title: 'Too many requests in a minute', fault: 'user', retry: true },
  not_found: { title: 'There is no such resource', fault: 'user', retry: false },
  already_exists: { title: 'A resource with this name exists', fault: 'user', retry: false },
  idempotency_key_reused: {
    title: 'Idempotency-Key was used with another request',
    fault: 'user',
    retry: false,
  },
  request_in_progress: { title: 'The same request is still being answered', fault: 'user', retry: true },
  precondition_failed: { title: 'The resource changed meanwhile', fault: 'user', retry: false },
  job_state_conflict: {
    title: 'The state of the job does not allow this',
    fault: 'user',
    retry: false,
  },
  in_use: { title: 'The resource is in use', fault: 'user', retry: false },
  bundle_unreadable: { title: 'The bundle cannot be read', fault: 'user', retry: false },
  upload_offset_conflict: { title: 'The upload is at another offset', fault: 'user', retry: false },
  upload_corrupt: { title: 'The upload is not what was announced', fault: 'user', retry: false },
  payload_too_large: { title: 'The body is too large', fault: 'user', retry: false },
  unsupported_media_type: { title: 'The body has another media type', fault: 'user', retry: false },
  range_not_satisfiable: { title: 'The range lies outside the file', fault: 'user', retry: false },
  dataset_unreadable: { title: 'The dataset cannot be read', fault: 'user', retry: false },
  dataset_does_not_fit: { title: 'The dataset does not fit the request', fault: 'user', retry: false },
  network_invalid: { title: 'The network cannot be built', fault: 'user', retry: false },
  ratio_unreachable: { title: 'A pruning ratio cannot be met', fault: 'user', retry: false },
  latency_table_unreadable: { title: 'The latency table cannot be imported', fault: 'user', retry: false },
  latency_table_unusable: {
    title: 'The latency table does not allow a calibration',
    fault: 'user',
    retry: false,
  },
  training_diverged: { title: 'Training diverged', fault: 'user', retry: false },
  training_crashed: {
    title: 'The training process ended unexpectedly',
    fault: 'infrastructure',
    retry: true,
  },
  engine_unavailable: {
    title: 'The worker does not have the engine that the job names',
    fault: 'infrastructure',
    retry: true, // another worker of the queue may have it
  },
  attempt_superseded: { title: 'Another attempt took over', fault: 'infrastructure', retry: false },
  enrolment_refused: { title: 'The enrolment key is not accepted', fault: 'user', retry: false },
  metrics_refused: { title: 'Metrics may not be read from here', fault: 'user', retry: false },
  lease_lost: { title: 'The lease on the measuring task was lost', fault: 'device', retry: false },
  measuring_failed: { title: 'The device could not measure', fault: 'device', retry: false },
  artifact_corrupt: { title: 'A stored artifact is damaged', fault: 'infrastructure', retry: false },
  unavailable: { title: 'A part of the service does not answer', fault: 'infrastructure', retry: true },
  internal: { title: 'Something went wrong inside the service', fault: 'infrastructure', retry: false },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** A field of bad input: its path, what was sent and what was expected. */
export interface FieldError {
  readonly field: string;
  readonly value?: unknown;
  readonly expected: string;
}

/** The one error family of the service. It knows no HTTP; the API maps codes to statuses. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly fault: Fault;
  readonly retry: boolean;
  readonly fields: readonly FieldError[];

  constructor(
    readonly code: ErrorCode,
    detail: string,
    options: { fields?: readonly FieldError[]; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.fault = ERROR_CODES[code].fault;
    this.retry = ERROR_CODES[code].retry;
    this.fields = options.fields ?? [];
  }
}

/** The error of a resource that does not exist (or belongs to another team). */
export function notFound(resource: string, id: string | number): AppError {
  return new AppError('not_found', `there is no ${resource} "${id}"`);
}

/** The error of a field of a request that names something that is not there (or belongs to another team). */
export function unknownReference(field: string, value: string, resource: string): AppError {
  const expected = `the id of a ${resource} of your team`;
  return new AppError('invalid_request', `there is no ${resource} "${value}"`, {
    fields: [{ field, value, expected }],
  });
}
