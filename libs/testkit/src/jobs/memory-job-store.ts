import {
  notFound,
  type Actor,
  type Job,
  type JobEvent,
  type Page,
  type StoredJobEvent,
  type ListJobs,
} from '#contracts';
import {
  isFinal,
  type JobRepository,
  type JobWakeups,
  type MeasuredJob,
  type OutboxRepository,
  type OutboxRow,
  type TracedMessage,
  type Transition,
  type UnfinishedJobs,
  type UntouchedJobs,
  type WaitingJob,
} from '#jobs';
import { Listeners } from './listeners.js';
import { MemoryRows } from './memory-rows.js';

/** Jobs, events, outbox and wake-ups in memory; held to the same suite as the real ones. */
export class MemoryJobStore implements JobRepository, OutboxRepository, JobWakeups {
  private readonly jobs = new MemoryRows<Job>();
  private readonly events = new Map<string, StoredJobEvent[]>();
  private readonly outbox = new Map<string, TracedMessage>();
  private readonly listeners = new Listeners();
  private lastOutboxId = 0;

  /** @param traceparent of the work that is going on */
  constructor(private readonly traceparent: () => string | undefined = () => undefined) {}

  create(first: Transition): Promise<void> {
    const { id } = first.job;
    if (this.jobs.get(id) !== undefined) return Promise.reject(new Error(`job "${id}" exists`));
    this.write(first);
    return Promise.resolve();
  }

  update(jobId: string, decide: (job: Job) => Transition): Promise<Transition> {
    return Promise.resolve().then(() => {
      const job = this.jobs.get(jobId);
      if (job === undefined) throw notFound('job', jobId);
      const result = decide(job);
      if (result.job !== job) this.write(result);
      return result;
    });
  }

  load(jobId: string): Promise<Job | undefined> {
    return Promise.resolve(this.jobs.get(jobId));
  }

  find(actor: Actor, jobId: string): Promise<Job | undefined> {
    return Promise.resolve(this.jobs.find(actor, jobId));
  }

  list(actor: Actor, query: ListJobs): Promise<Page<Job>> {
    const { state: states, model, owner, label = [], createdFrom, createdBefore } = query;
    const matches = (job: Job) =>
      (states === undefined || states.includes(job.state)) &&
      (model === undefined || job.model === model) &&
      (owner === undefined || job.owner === owner) &&
      label.every(({ key, value }) => job.spec.labels[key] === value) &&
      (createdFrom === undefined || new Date(job.createdAt) >= createdFrom) &&
      (createdBefore === undefined || new Date(job.createdAt) < createdBefore);
    return Promise.resolve(this.jobs.page(actor, query, matches));
  }

  eventsAfter(actor: Actor, jobId: string, sequence: number, limit: number): Promise<StoredJobEvent[]> {
    const events = this.jobs.find(actor, jobId) === undefined ? [] : (this.events.get(jobId) ?? []);
    return Promise.resolve(events.filter((event) => event.sequence > sequence).slice(0, limit));
  }

  async eventsOfType(
    actor: Actor,
    jobId: string,
    type: JobEvent['type'],
    sequence: number,
    limit: number,
  ): Promise<StoredJobEvent[]> {
    const all = await this.eventsAfter(actor, jobId, sequence, Infinity);
    return all.filter(({ event }) => event.type === type).slice(0, limit);
  }

  async waiting(query: UntouchedJobs): Promise<WaitingJob[]> {
    const jobs = await this.unfinished({ ...query, states: ['queued'] });
    return jobs.map(({ id, stage, generation, priority, attempt, attemptsBefore }) => {
      return { id, stage, generation, priority, attempt, attemptsBefore };
    });
  }

  measured(ids: readonly string[]): Promise<MeasuredJob[]> {
    const jobs = this.jobs.all().filter(({ id }) => ids.includes(id));
    return Promise.resolve(
      jobs.map(({ id, teamId, owner, state, stage, measuringTaskId, verification }) => {
        return { id, teamId, owner, state, stage, measuringTaskId, verification };
      }),
    );
  }

  unfinished({ untouchedSince, limit, afterId = '', states, ids }: UnfinishedJobs): Promise<Job[]> {
    const jobs = this.jobs
      .all()
      .filter(
        (job) =>
          !isFinal(job) &&
          job.state !== 'paused' &&
          (states === undefined || states.includes(job.state)) &&
          (ids === undefined || ids.includes(job.id)) &&
          job.id > afterId &&
          new Date(job.updatedAt) < untouchedSince,
      )
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    return Promise.resolve(jobs.slice(0, limit));
  }

  pending(limit: number): Promise<OutboxRow[]> {
    const rows = [...this.outbox].map(([id, message]) => ({ id, message }));
    return Promise.resolve(rows.slice(0, limit));
  }

  markSent(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.outbox.delete(id);
    return Promise.resolve();
  }

  onJobEvents(jobId: string, listener: () => void): () => void {
    return this.listeners.add(`job ${jobId}`, listener);
  }

  onOutbox(listener: () => void): () => void {
    return this.listeners.add('outbox', listener);
  }

  private write({ job, events, messages }: Transition): void {
    this.jobs.put(job);
    const stored = this.events.get(job.id) ?? [];
    const numbered = events.map((event, i) => ({
      sequence: stored.length + i + 1,
      at: job.updatedAt,
      event,
    }));
    this.events.set(job.id, [...stored, ...structuredClone(numbered)]);
    const traceparent = this.traceparent();
    const traced = traceparent === undefined ? {} : { traceparent };
    for (const message of messages) this.outbox.set(String(++this.lastOutboxId), { ...message, ...traced });
    if (events.length > 0) this.listeners.tell(`job ${job.id}`);
    if (messages.length > 0) this.listeners.tell('outbox');
  }
}
