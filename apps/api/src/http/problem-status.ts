import type { ErrorCode } from '#contracts';

/** The HTTP status of every error code; an error code without one does not compile. */
export const PROBLEM_STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 400,
  not_found: 404,
  already_exists: 409,
  idempotency_key_reused: 422,
  request_in_progress: 409,
  precondition_failed: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  dataset_unreadable: 400,
  dataset_does_not_fit: 400,
  network_invalid: 400,
  ratio_unreachable: 400,
  latency_table_unusable: 400,
  training_diverged: 422,
  training_crashed: 500,
  engine_unavailable: 503,
  attempt_superseded: 409,
  enrolment_refused: 401,
  lease_lost: 409,
  measuring_failed: 500,
  artifact_corrupt: 500,
  unavailable: 503,
  internal: 500,
};
