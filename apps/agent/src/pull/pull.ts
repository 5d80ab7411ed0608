import { isDeepStrictEqual } from 'node:util';
import type { BundleFolder, FolderContents, RuntimePoint } from '#edge';
import { ServerError } from '../server-error.js';
import type { ServerClient } from '../server-client.js';
import type { ConditionalReader } from './conditional-reader.js';
import { findDeployedModel, versionPath, type DeployedModel } from './deployed-model.js';
import { downloadFile, isWhole, type RemoteFile } from './download-file.js';
import type { ModelReference } from './model-reference.js';

export interface PullParts {
  readonly client: ServerClient;
  readonly reader: ConditionalReader;
  readonly folder: BundleFolder;
  readonly server: URL;
  readonly device: string;
  /** Digests of files in the folder that need not be looked through again; this adds to them. */
  readonly verified: Set<string>;
}

/** What a pull has changed. */
export interface PullResult {
  readonly model: string;
  readonly version: number;
  readonly alias?: string;
  readonly deploymentId: string;
  /** Whether the folder has another bundle, other addenda or other ratios than before. */
  readonly changed: boolean;
  /** Digest of the bundle, where another one took the place of the one before. */
  readonly newBundle?: string;
  /** Digests of addenda that the folder did not have. */
  readonly newAddenda: readonly string[];
  /** That came over the network for files. */
  readonly downloadedBytes: number;
  readonly points: readonly PulledPoint[];
}

export interface PulledPoint {
  readonly name: string;
  readonly ratio: number;
  /** Before this pull, where the point was there. */
  readonly ratioBefore?: number;
}

/**
 * Makes a folder hold what a device is to run: downloads what it lacks, verifies that, and changes all in one step.
 * @throws ServerError, ServerUnreachableError; AppError artifact_corrupt; BundleError for files that do not belong together. The
 * folder holds what it held then.
 */
export async function pull(
  parts: PullParts,
  reference: ModelReference,
  signal: AbortSignal,
): Promise<PullResult> {
  const { client, reader, folder, device } = parts;
  const found = await findDeployedModel(reader, reference, device, signal);
  const bundle = await bundleOf(client, found, signal);
  const addenda = found.addenda.map(({ url, digest, bytes }) => ({ path: url, digest, bytes }));
  const before = await folder.contents();
  let downloadedBytes = 0;
  for (const file of [bundle, ...addenda]) downloadedBytes += await bring(file, parts, signal);
  const contents = contentsOf(parts, found, bundle, addenda);
  const changed = !isDeepStrictEqual(before, { format: 'isochron-folder', version: 1, ...contents });
  if (changed) await folder.publish(contents);
  return { ...resultOf(found, contents, before), changed, downloadedBytes };
}

/** @returns bytes that came for a file that was not there, or was damaged */
async function bring(
  file: RemoteFile,
  { client, folder, verified }: PullParts,
  signal: AbortSignal,
): Promise<number> {
  const target = folder.fileOf(file.digest);
  if (verified.has(file.digest) && folder.has(file.digest)) return 0;
  const isThere = await isWhole(target, file.digest);
  const bytes = isThere ? 0 : await downloadFile(file, target, { client, signal });
  verified.add(file.digest);
  return bytes;
}

/** @throws ServerError when the answer does not say digest and size */
async function bundleOf(
  client: ServerClient,
  { model, version }: DeployedModel,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const path = `${versionPath(model, version)}/bundle`;
  const { status, headers } = await client.read('HEAD', path, {}, signal);
  const [, digest] = /^"([0-9a-f]{64})"$/.exec(headers.get('etag') ?? '') ?? [];
  const bytes = Number(headers.get('content-length'));
  if (digest !== undefined && bytes > 0) return { path, digest, bytes };
  throw new ServerError(status, undefined, `HEAD ${path}: expected an ETag of SHA-256 and a Content-Length`);
}

function contentsOf(
  { server, device }: PullParts,
  { model, version, alias, deployment, points }: DeployedModel,
  bundle: RemoteFile,
  addenda: readonly RemoteFile[],
): FolderContents {
  const { id: deploymentId, targetMs, emulated } = deployment;
  const of = { server: server.href, deviceId: device, model, version, deploymentId, targetMs, emulated };
  return {
    source: { ...of, ...(alias !== undefined && { alias }) },
    bundle: bundle.digest,
    addenda: addenda.map(({ digest }) => digest),
    points,
  };
}

function resultOf(
  { model, version, alias, deployment }: DeployedModel,
  { bundle, addenda, points }: FolderContents,
  before: FolderContents | undefined,
) {
  return {
    ...{ model, version, deploymentId: deployment.id },
    ...(alias !== undefined && { alias }),
    ...(bundle !== before?.bundle && { newBundle: bundle }),
    newAddenda: addenda.filter((digest) => !before?.addenda.includes(digest)),
    points: points.map((point) => pulledPoint(point, before)),
  };
}

function pulledPoint({ name, ratio }: RuntimePoint, before: FolderContents | undefined): PulledPoint {
  const known = before?.points.find((point) => point.name === name);
  return { name, ratio, ...(known && { ratioBefore: known.ratio }) };
}
