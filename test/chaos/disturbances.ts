import { setTimeout } from 'node:timers/promises';
import type { randomGenerator } from '#pruning';
import type { Cluster } from './cluster.js';

type Random = ReturnType<typeof randomGenerator>;

/** Something that goes wrong. Carried out, it says what it did; nothing where there was nothing to disturb. */
type Disturbance = (cluster: Cluster, random: Random) => Promise<string | undefined>;

const killWorker: Disturbance = (cluster, random) => {
  const workers = cluster.members.filter(({ name, pid }) => name.startsWith('worker') && pid !== undefined);
  const worker = pick(workers, random);
  worker?.kill();
  return Promise.resolve(worker && `killed ${worker.name}`);
};

const killTraining: Disturbance = (cluster, random) => {
  const training = pick(cluster.trainings(), random);
  if (training === undefined) return Promise.resolve(undefined);
  try {
    process.kill(training.pid, 'SIGKILL');
  } catch {
    return Promise.resolve(undefined); // it has just ended
  }
  return Promise.resolve('killed a training process');
};

const killApi: Disturbance = (cluster) => {
  const api = cluster.members.find(({ name }) => name === 'api');
  if (api?.pid === undefined) return Promise.resolve(undefined);
  api.kill();
  return Promise.resolve('killed the API');
};

const crashServer: Disturbance = async (cluster, random) => {
  const server = pick(cluster.servers, random)!;
  await server.crash();
  return `killed ${server.name}`;
};

const cutNetwork: Disturbance = async (cluster, random) => {
  const member = pick(cluster.members, random)!;
  const how = random.uniform() < 0.5 ? 'refuse' : 'swallow';
  const seconds = 1 + 24 * random.uniform();
  member.cut(how);
  await setTimeout(seconds * 1000);
  member.mend();
  return `cut the network of ${member.name} for ${seconds.toFixed(0)} s (${how})`;
};

/** With how likely they are. */
const DISTURBANCES: readonly (readonly [number, Disturbance])[] = [
  [0.3, killWorker],
  [0.25, killTraining],
  [0.15, killApi],
  [0.15, crashServer],
  [0.15, cutNetwork],
];

export function nextDisturbance(random: Random): Disturbance {
  let left = random.uniform();
  for (const [share, disturbance] of DISTURBANCES) {
    if (left < share) return disturbance;
    left -= share;
  }
  return killWorker;
}

function pick<T>(all: readonly T[], random: Random): T | undefined {
  return all[Math.floor(random.uniform() * all.length)];
}
