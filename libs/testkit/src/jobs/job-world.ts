import { randomUUID } from 'node:crypto';
import type {
  Actor,
  Calibration,
  Dataset,
  Device,
  Job,
  LatencyTable,
  ModelVersion,
  VersionReference,
} from '#contracts';
import {
  JobService,
  type JobLookups,
  type JobMessage,
  type JobQueue,
  type DeviceOutcome,
  type DeviceWork,
  type OpenTask,
  WorkerReports,
} from '#jobs';
import { aDataset, anActor } from './job-fixtures.js';
import { MemoryJobProducts } from './memory-job-products.js';
import { MemoryJobStore } from './memory-job-store.js';

/** Remembers the messages that it got; may be told to refuse some. */
export class MemoryQueue implements JobQueue {
  readonly messages: JobMessage[] = [];
  refuses: (message: JobMessage) => boolean = () => false;
  /** Whether a message that was put in is still there; as it is, workers take them at once. */
  keeps: (message: JobMessage) => boolean = () => false;

  enqueue(message: JobMessage): Promise<void> {
    if (this.refuses(message)) return Promise.reject(new Error('the queue does not answer'));
    this.messages.push(message);
    return Promise.resolve();
  }

  enqueueAll(messages: readonly JobMessage[]): Promise<PromiseSettledResult<void>[]> {
    return Promise.allSettled(messages.map((message) => this.enqueue(message)));
  }

  missing(messages: readonly JobMessage[]): Promise<JobMessage[]> {
    return Promise.resolve(messages.filter((message) => !this.keeps(message)));
  }
}

/** One measuring task per job, with the outcome that a test gives it. */
export class MemoryDeviceWork implements DeviceWork {
  readonly tasks = new Map<string, string>();
  readonly cancelled: string[] = [];
  result: DeviceOutcome = { state: 'pending' };

  request(job: Job): Promise<string> {
    const taskId = this.tasks.get(job.id) ?? randomUUID();
    this.tasks.set(job.id, taskId);
    return Promise.resolve(taskId);
  }

  outcome(): Promise<DeviceOutcome> {
    return Promise.resolve(this.result);
  }

  cancel(_actor: Actor, measuringTaskId: string): Promise<void> {
    this.cancelled.push(measuringTaskId);
    return Promise.resolve();
  }

  delays(): Promise<Map<string, string>> {
    return Promise.resolve(new Map());
  }

  openTasks(): Promise<OpenTask[]> {
    const tasks = [...this.tasks].map(([jobId, id]) => ({ id, jobId }));
    return Promise.resolve(tasks.filter(({ id }) => !this.cancelled.includes(id)));
  }
}

export class MemoryLookups implements JobLookups {
  readonly datasets: Dataset[] = [];
  readonly calibrations: Calibration[] = [];
  readonly tables: LatencyTable[] = [];
  readonly versions: ModelVersion[] = [];
  readonly devices: Device[] = [];

  device(actor: { teamId: string }, id: string): Promise<Device | undefined> {
    return Promise.resolve(this.devices.find((d) => d.id === id && d.teamId === actor.teamId));
  }

  dataset(actor: { teamId: string }, id: string): Promise<Dataset | undefined> {
    return Promise.resolve(this.datasets.find((d) => d.id === id && d.teamId === actor.teamId));
  }

  calibration(actor: { teamId: string }, id: string): Promise<Calibration | undefined> {
    return Promise.resolve(this.calibrations.find((c) => c.id === id && c.teamId === actor.teamId));
  }

  latencyTable(actor: { teamId: string }, id: string): Promise<LatencyTable | undefined> {
    return Promise.resolve(this.tables.find((t) => t.id === id && t.teamId === actor.teamId));
  }

  modelVersion(
    { teamId }: { teamId: string },
    { model, version }: VersionReference,
  ): Promise<ModelVersion | undefined> {
    const found = this.versions.find(
      (v) => v.teamId === teamId && v.model === model && v.version === version,
    );
    return Promise.resolve(found);
  }
}

/** A job service with everything around it in memory, a team, its dataset and a clock that a test moves. */
export function aJobWorld() {
  const actor = anActor();
  const store = new MemoryJobStore();
  const lookups = new MemoryLookups();
  const dataset = aDataset(actor);
  lookups.datasets.push(dataset);
  const devices = new MemoryDeviceWork();
  const clock = { now: new Date('2030-01-01T00:00:00.000Z') };
  const now = () => clock.now;
  const service = new JobService({ jobs: store, lookups, devices, now, newId: randomUUID });
  const products = new MemoryJobProducts(store);
  const reports = new WorkerReports({ jobs: store, products, now });
  return {
    actor,
    store,
    products,
    lookups,
    dataset,
    devices,
    clock,
    now,
    service,
    reports,
    queue: new MemoryQueue(),
  };
}
