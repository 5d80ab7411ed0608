import { randomUUID } from 'node:crypto';
import {
  anActor,
  deviceRepositoriesConformance,
  MemoryCalibrations,
  MemoryDevices,
  MemoryMeasuringTasks,
} from '#testkit';

deviceRepositoriesConformance('memory', () => {
  const tasks = new MemoryMeasuringTasks();
  return Promise.resolve({
    devices: new MemoryDevices(),
    tasks,
    tables: tasks.tables,
    calibrations: new MemoryCalibrations(),
    wakeups: tasks,
    actor: anActor(),
    stranger: anActor(),
    jobId: randomUUID(),
    close: () => Promise.resolve(),
  });
});
