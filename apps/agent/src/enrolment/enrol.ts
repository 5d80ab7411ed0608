import { discoverPoints, findSoc } from '#edge';
import { describeMachine } from '#runtime';
import { LONGEST_NAME, type EnrolOptions } from '../command-line.js';
import { ServerClient } from '../server-client.js';
import { readIdentity, writeIdentity } from './agent-identity.js';

/** Registers this device with its operating points and keeps who it is; doing it again gives the same device. */
export async function enrol(options: EnrolOptions, signal: AbortSignal): Promise<string> {
  const { server, key, name, dataDir, sysfs, clocks, maxPoints, emulate, label } = options;
  const identity = readIdentity(dataDir);
  // Kept before the server hears of it: an answer that is lost on its way costs no second device.
  writeIdentity(dataDir, identity);
  const noClocks = { axes: [], maxPoints };
  const { operatingPoints } = discoverPoints(sysfs, emulate ? noClocks : { axes: clocks, maxPoints });
  const soc = options.soc ?? findSoc(sysfs)?.slice(0, LONGEST_NAME);
  const request = {
    installationId: identity.installationId,
    name,
    model: describeMachine().cpuModel.slice(0, LONGEST_NAME),
    ...(soc === undefined ? {} : { soc }),
    labels: { ...label },
    operatingPoints: [...operatingPoints],
  };
  const device = await new ServerClient(server).enrol(key, request, signal);
  const realClocks = device.operatingPoints.some((point) => point.emulatedCpuShare === undefined);
  const { id: deviceId, name: deviceName, apiKey } = device;
  const enrolment = { server: server.href, deviceId, deviceName, realClocks, apiKey };
  writeIdentity(dataDir, { ...identity, enrolment });
  const kind = realClocks ? 'operating points of real clocks' : 'EMULATED operating points';
  return `enrolled as device "${device.name}" (${device.id}) with ${device.operatingPoints.length} ${kind}\n`;
}
