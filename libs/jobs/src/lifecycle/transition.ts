import type { Job } from '#contracts';
import type { JobInput } from './job-input.js';
import * as command from './user-commands.js';
import * as sweep from './sweep-commands.js';
import * as result from './stage-results.js';
import * as work from './worker-inputs.js';
import { moved, type Transition } from './transitions.js';

/**
 * The life of a job, drawn in docs/jobs.md. Stages: measure -> calibrate (only of a job that asks for it) -> train ->
 * verify (only with a device) -> publish; where a point misses the target, verify -> adjust -> verify, a few times at most.
 *
 * Pure. What was applied before changes nothing, so that its sender may repeat itself. `attempt` counts the begins of all stages
 * and never falls, so that an old worker is told from a new one across stages too.
 * @throws AppError attempt_superseded when the input comes from an attempt that another one took over;
 * job_state_conflict when a user asks for what the job's state does not allow
 */
export function transition(job: Job, input: JobInput, now: Date): Transition {
  switch (input.type) {
    case 'begun':
      return work.begun(job, input, now);
    case 'pinned':
      return work.pinned(job, input, now);
    case 'progressed':
      return work.progressed(job, input, now);
    case 'resumed':
      return work.resumed(job, input, now);
    case 'logged':
      return work.logged(job, input, now);
    case 'metrics-taken':
      return work.metricsTaken(job, input, now);
    case 'checkpointed':
      return work.checkpointed(job, input, now);
    case 'stopped':
      return work.stopped(job, input, now);
    case 'silent':
      return work.silent(job, input, now);
    case 'released':
      return work.released(job, input, now);
    case 'failed':
      return work.failed(job, input, now);
    case 'refused':
      return work.refused(job, input, now);
    case 'measuring-requested':
      return result.measuringRequested(job, input, now);
    case 'profiled':
      return result.profiled(job, input, now);
    case 'calibrated':
      return result.calibrated(job, input, now);
    case 'trained':
      return result.trained(job, input, now);
    case 'measured':
      return result.measured(job, input, now);
    case 'adjusted':
      return result.adjusted(job, input, now);
    case 'measuring-failed':
      return result.measuringFailed(job, input, now);
    case 'published':
      return result.published(job, input, now);
    case 'given-up':
      return result.givenUp(job, input, now);
    case 'cancel':
      return command.cancel(job, now);
    case 'pause':
      return command.pause(job, now);
    case 'resume':
      return command.resume(job, now);
    case 'retry':
      return command.retry(job, now);
    case 'continue':
      return command.goOn(job, input, now);
    case 'prioritise':
      return command.prioritise(job, input, now);
    case 'hold':
      return sweep.hold(job, now);
    case 'release':
      return sweep.release(job, now);
  }
}

/** The first transition of a job: it waits for its first stage. */
export function submission(job: Job): Transition {
  return moved(job, { withMessage: true });
}
