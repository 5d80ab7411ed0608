import type { Job } from '#contracts';
import type { InputOf, JobInput } from './job-input.js';
import * as command from './user-commands.js';
import * as sweep from './sweep-commands.js';
import * as result from './stage-results.js';
import * as work from './worker-inputs.js';
import { moved, type Transition } from './transitions.js';

type Handler<T extends JobInput['type']> = (job: Job, input: InputOf<T>, now: Date) => Transition;

const HANDLERS: { readonly [T in JobInput['type']]: Handler<T> } = {
  begun: work.begun,
  pinned: work.pinned,
  progressed: work.progressed,
  resumed: work.resumed,
  logged: work.logged,
  'metrics-taken': work.metricsTaken,
  checkpointed: work.checkpointed,
  stopped: work.stopped,
  silent: work.silent,
  released: work.released,
  failed: work.failed,
  refused: work.refused,
  stalled: work.stalled,
  'measuring-requested': result.measuringRequested,
  profiled: result.profiled,
  calibrated: result.calibrated,
  trained: result.trained,
  measured: result.measured,
  'device-waits': result.deviceWaits,
  adjusted: result.adjusted,
  'measuring-failed': result.measuringFailed,
  published: result.published,
  derived: result.derived,
  'given-up': result.givenUp,
  exhausted: result.exhausted,
  cancel: (job, _input, now) => command.cancel(job, now),
  pause: (job, _input, now) => command.pause(job, now),
  resume: (job, _input, now) => command.resume(job, now),
  retry: (job, _input, now) => command.retry(job, now),
  continue: command.goOn,
  prioritise: command.prioritise,
  hold: (job, _input, now) => sweep.hold(job, now),
  release: (job, _input, now) => sweep.release(job, now),
};

/**
 * The life of a job, drawn in docs/jobs.md. Stages: measure -> calibrate (only of a job that asks for it) -> train ->
 * verify (only with a device) -> publish; where a point misses the target, verify -> adjust -> verify, a few times at most.
 * A job that derives ratios of a version has the stage derive alone.
 *
 * Pure. What was applied before changes nothing, so that its sender may repeat itself. `attempt` counts the begins of all stages
 * and never falls, so that an old worker is told from a new one across stages too.
 * @throws AppError attempt_superseded when the input comes from an attempt that another one took over;
 * job_state_conflict when a user asks for what the job's state does not allow
 */
export function transition(job: Job, input: JobInput, now: Date): Transition {
  const handle = HANDLERS[input.type] as Handler<typeof input.type>;
  return handle(job, input, now);
}

/** The first transition of a job: it waits for its first stage. */
export function submission(job: Job): Transition {
  return moved(job, { withMessage: true });
}
