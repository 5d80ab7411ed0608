import { randomUUID } from 'node:crypto';
import { AppError, type MeasuredSubnet, type MeasuringTask } from '#contracts';
import { MeasuringRequests, MeasuringService, type SubnetFactory } from '#devices';
import { anActor } from '../jobs/job-fixtures.js';
import { aDevice, aSummary } from './device-fixtures.js';
import { MemoryCalibrations, MemoryDevices } from './memory-devices.js';
import { MemoryMeasuringTasks } from './memory-measuring-tasks.js';

/** Subnets that say what they were asked for; ratios above 0.9 cannot be met. */
export class MemorySubnets implements SubnetFactory {
  readonly batches: number[] = [];
  /** Ratios of a candidate that were asked for last. */
  wanted: readonly number[] = [];

  proxies({ ratios, batch }: { ratios: readonly number[]; batch: number }): Promise<MeasuredSubnet[]> {
    this.batches.push(batch);
    const unreachable = ratios.find((ratio) => ratio > 0.9);
    if (unreachable !== undefined)
      return Promise.reject(new AppError('ratio_unreachable', `ratio ${unreachable} cannot be met`));
    return Promise.resolve(ratios.map(aSubnet));
  }

  candidates({ batch, ratios }: { batch: number; ratios: readonly number[] }) {
    this.batches.push(batch);
    this.wanted = ratios;
    const input = { channels: 1, height: 28, width: 28 };
    return Promise.resolve({ input, subnets: [...new Set(ratios)].map(aSubnet) });
  }
}

function aSubnet(ratio: number): MeasuredSubnet {
  const onnx = { digest: 'a'.repeat(64), bytes: 10, url: `/v1/artifacts/${'a'.repeat(64)}` };
  return { ratio, widths: { stem: 4 }, macs: Math.round(1000 * (1 - ratio)), parameters: 100, onnx };
}

/** The measuring services with everything around them in memory, a device and a clock that a test moves. */
export async function aMeasuringWorld(timing: { pollMs?: number } = {}) {
  const actor = anActor();
  const devices = new MemoryDevices();
  const tasks = new MemoryMeasuringTasks();
  const calibrations = new MemoryCalibrations();
  const subnets = new MemorySubnets();
  const device = aDevice(actor);
  await devices.create(device);
  const clock = { now: new Date('2030-01-01T00:00:00.000Z') };
  const identity = { now: () => clock.now, newId: randomUUID };
  const { tables } = tasks;
  const ended: MeasuringTask[] = [];
  const waits: MeasuringTask[] = [];
  const outcomes = {
    ended: (task: MeasuringTask) => Promise.resolve(void ended.push(task)),
    waits: (task: MeasuringTask) => Promise.resolve(void waits.push(task)),
  };
  const summarise = (samplesMs: readonly number[]) => ({ ...aSummary(samplesMs[0]!), n: samplesMs.length });
  const requests = new MeasuringRequests({ tasks, devices, calibrations, tables, subnets, ...identity });
  const service = new MeasuringService({
    ...{ tasks, devices, wakeups: tasks, outcomes, summarise, pollMs: 60_000 },
    ...identity,
    ...timing,
  });
  return {
    ...{ actor, devices, tasks, tables, calibrations, subnets, device, clock, ended, waits },
    ...{ requests, service },
  };
}
