import { writeAddendum, writeBundle, readBundle } from '#bundle';
import { newAudit, type Actor, type ModelAddendum, type ModelVersion, type RatioResult } from '#contracts';
import { costOf, deriveChannelGroups, resNet, sliceNetwork } from '#network';
import { randomSubnet, solveUniformWidths, type Family, type RatioMember } from '#pruning';
import type { Storage } from '#storage';
import { randomUUID } from 'node:crypto';
import { submission } from '#jobs';
import { aJob, aJobRequest } from '../jobs/job-fixtures.js';
import { aModel, aModelVersion } from './registry-fixtures.js';
import { publishDraft } from './registry-harness.js';
import { storedRegistry } from './stored-registry.js';

const NETWORK = resNet({
  ...{ depth: 8, widthMultiplier: 0.25, classes: 10 },
  input: { channels: 1, height: 28, width: 28 },
});

/** A version whose bundle is there, of a network that nobody trained. */
export interface PublishedBundle {
  readonly version: ModelVersion;
  /** What is in the bundle. */
  readonly family: Family;
}

/** Publishes a version with a real bundle of these ratios. */
export async function publishBundle(
  storage: Storage,
  actor: Actor,
  ratios: readonly number[] = [0, 0.5],
  model = `m-${randomUUID().slice(0, 8)}`,
): Promise<PublishedBundle> {
  const family = untrainedFamily(ratios);
  const stored = await storage.artifacts.putBytes(writeBundle(family, {}));
  const job = await storedRegistry(storage).newJob(actor);
  const lineage = { ...job, datasetDigest: 'e'.repeat(64) };
  const build = (version: number): ModelVersion =>
    aModelVersion(actor, lineage, {
      ...{ model, version, ratios: family.members.map(resultOf) },
      bundle: { ...stored, url: `/v1/models/${model}/versions/${version}/bundle` },
    });
  const draft = { model: aModel(actor, { name: model }), digest: stored.digest, build };
  return { version: await publishDraft(storage.products, job.jobId, draft), family };
}

/** Adds a ratio to the version, as a worker would. */
export async function publishAddendumTo(
  storage: Storage,
  { version, family }: PublishedBundle,
  ratio: number,
): Promise<{ addendum: ModelAddendum; family: Family }> {
  const { model, version: number } = version;
  const member = { ...memberAt(ratio), derived: true };
  const members = [...family.members, member].sort((a, b) => a.ratio - b.ratio);
  const extended = { ...family, members };
  const base = readBundle(await storage.artifacts.read(version.bundle.digest)).digest;
  const file = await storage.artifacts.putBytes(
    writeAddendum(extended, { base, ratios: [ratio], metadata: {} }),
  );
  const derivation = { model, version: number, ratios: [ratio] };
  const spec = aJobRequest({ datasetId: version.lineage.datasetId });
  const job = aJob(version, { spec, state: 'running', stage: 'derive', attempt: 1, derivation });
  await storage.jobs.create(submission(job));
  const addendum: ModelAddendum = {
    ...newAudit(version, randomUUID(), new Date()),
    ...{ model, version: number, ...file, testImages: 200, jobId: job.id },
    url: `/v1/models/${model}/versions/${number}/addenda/${file.digest}`,
    ratios: [resultOf(member)],
  };
  const end = (stored: typeof job) => ({
    job: { ...stored, state: 'succeeded' as const },
    ...{ events: [], messages: [] },
  });
  return { addendum: await storage.products.derive(job.id, addendum, end), family: extended };
}

function untrainedFamily(ratios: readonly number[]): Family {
  const { groups } = deriveChannelGroups(NETWORK);
  const mask = groups.map(({ name, channels }) => [name, new Float32Array(channels).fill(1)]);
  return {
    network: NETWORK,
    parameters: randomSubnet(NETWORK, memberAt(0).widths, 1).parameters,
    mask: Object.fromEntries(mask) as Family['mask'],
    members: ratios.map(memberAt),
  };
}

/** With BatchNorm of its own, in which every value is another one. */
function memberAt(ratio: number): RatioMember {
  const widths = solveUniformWidths(NETWORK, ratio, { minChannels: 1, channelMultiple: 1 });
  const { batchNorm } = randomSubnet(NETWORK, widths, 1);
  for (const [index, { scale, shift, mean, variance }] of Object.values(batchNorm).entries()) {
    const wave = (i: number, row: number) => Math.sin(10 * ratio + 7 * index + row + i) / 3;
    scale.forEach((_, i) => (scale[i] = 1 + wave(i, 0)));
    shift.forEach((_, i) => (shift[i] = wave(i, 1)));
    mean.forEach((_, i) => (mean[i] = wave(i, 2)));
    variance.forEach((_, i) => (variance[i] = 1 + wave(i, 3)));
  }
  return { ratio, threshold: ratio, widths, cost: costOf(sliceNetwork(NETWORK, widths)), batchNorm };
}

function resultOf({ ratio, threshold, widths, cost, derived = false }: RatioMember): RatioResult {
  return { ratio, threshold, widths: { ...widths }, ...cost, accuracy: 0.9 - ratio / 10, derived };
}
