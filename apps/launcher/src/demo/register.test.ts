import type { Device } from '#contracts';
import type { ApiClient } from './api-client.js';
import { emulatedPoints } from './operating-points.js';
import { registerDevice } from './register.js';

const points = emulatedPoints();
const machine = { host: 'Lab_1.example', model: 'a CPU' };

/** What registerDevice needs of the API; every device it creates is listed from then on. */
function emptyApi() {
  const devices: Device[] = [];
  const client = {
    listDevices: () => Promise.resolve([...devices]),
    createDevice: (device: Device) => Promise.resolve((devices.push(device), device)),
  };
  return client as unknown as ApiClient;
}

describe('this machine as a device', () => {
  test('is the same one in the next run', async () => {
    const api = emptyApi();
    const first = await registerDevice(api, points, machine);
    expect(first.name).toBe('machine-lab_1.example');
    expect(await registerDevice(api, points, machine)).toBe(first);
  });

  test.each([
    ['another host', points, { ...machine, host: 'lab-2' }, 'machine-lab-2'],
    ['another CPU', points, { ...machine, model: 'b CPU' }, 'machine-lab_1.example-2'],
    ['other operating points', points.slice(1), machine, 'machine-lab_1.example-2'],
  ])('is another one with %s', async (_case, operatingPoints, description, name) => {
    const api = emptyApi();
    await registerDevice(api, points, machine);
    expect((await registerDevice(api, operatingPoints, description)).name).toBe(name);
  });

  test('has a name that the API takes, however long the name of the host is', async () => {
    const { name } = await registerDevice(emptyApi(), points, { ...machine, host: 'x'.repeat(253) });
    expect(name.length).toBeLessThan(60);
  });
});
