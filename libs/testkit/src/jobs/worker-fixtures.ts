import { randomUUID } from 'node:crypto';
import type { WorkerDescription, WorkerRecord } from '#contracts';

/** A worker that trains on its CPU, for all teams. */
export function aWorker(changes: Partial<WorkerDescription> = {}): WorkerDescription {
  return {
    id: randomUUID(),
    ...{ name: 'worker-1', host: 'host-1', labels: {}, queues: ['train.cpu', 'light'], device: 'cpu' },
    engines: [{ executor: 'onnxruntime', provider: 'cpu', byNameOnly: false }],
    ...{ memoryBytes: 16 * 2 ** 30, cores: 8, cpuClass: 'test', concurrency: 1, version: '1.0.0' },
    startedAt: '2030-01-01T00:00:00.000Z',
    ...changes,
  };
}

/** That worker as it is stored: alive, and holding nothing. */
export function aWorkerRecord(changes: Partial<WorkerRecord> = {}): WorkerRecord {
  return {
    ...aWorker(),
    ...{ phase: 'active', isAlive: true, heartbeatAt: '2030-01-01T00:00:00.000Z', jobIds: [] },
    ...changes,
  };
}
