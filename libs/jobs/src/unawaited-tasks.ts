import type { DeviceWork } from './device-work.port.js';
import { pages } from './each-in-pages.js';
import type { JobRepository, MeasuredJob } from './job-repository.port.js';
import { waitsFor } from './lifecycle/stage-results.js';

export interface UnawaitedTask {
  readonly measuringTaskId: string;
  readonly job: MeasuredJob;
}

const TASKS_PER_READ = 100;

/**
 * Measuring tasks, made before `createdBefore`, that have not ended, and whose jobs do not wait for them: whoever was to cancel them
 * has died, or they were never noted. Jobs are read behind their tasks, and one that does not wait for a task never will.
 */
export async function* unawaitedTasks(
  { devices, jobs }: { readonly devices: DeviceWork; readonly jobs: JobRepository },
  createdBefore: Date,
): AsyncGenerator<UnawaitedTask> {
  const read = (page: { limit: number; afterId: string | undefined }) =>
    devices.openTasks({ createdBefore, ...page });
  for await (const tasks of pages(TASKS_PER_READ, read)) {
    const found = await jobs.measured([...new Set(tasks.map(({ jobId }) => jobId))]);
    const byId = new Map(found.map((job) => [job.id, job]));
    for (const { id: measuringTaskId, jobId } of tasks) {
      const job = byId.get(jobId);
      if (job !== undefined && !waitsFor(job, measuringTaskId)) yield { measuringTaskId, job };
    }
  }
}
