import type { Actor, Job, ListJobs, Page } from '#contracts';
import type { JobService } from './job-service.js';
import type { IdleJobs } from './workers/idle-jobs.js';

export interface ShownJobsParts {
  readonly jobs: Pick<JobService, 'get' | 'list'>;
  readonly idle: IdleJobs;
}

/** Jobs that users ask for: what they say of why they do not go on is true now, however many there are. */
export class ShownJobs {
  constructor(private readonly parts: ShownJobsParts) {}

  /** @throws AppError not_found */
  async get(actor: Actor, jobId: string): Promise<Job> {
    const { jobs, idle } = this.parts;
    const [shown] = await idle.shown([await jobs.get(actor, jobId)]);
    return shown!;
  }

  async list(actor: Actor, query: ListJobs): Promise<Page<Job>> {
    const { jobs, idle } = this.parts;
    const page = await jobs.list(actor, query);
    return { ...page, items: await idle.shown(page.items) };
  }
}
