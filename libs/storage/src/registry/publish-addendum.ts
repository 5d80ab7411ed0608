import { AppError, notFound, VersionRatio, type ModelAddendum } from '#contracts';
import type { ArtifactReferences } from '../artifacts/artifact-references.js';
import { artifactRow } from '../artifacts/artifact.rows.js';
import type { Transaction } from '../database/database.js';
import { addendumColumns, OF_VERSION, toAddendum } from './addendum.rows.js';

/**
 * The addendum of a job whose row is locked: the one that it has, or this one, written.
 * @throws AppError not_found for a version that is not there, already_exists for a ratio that it has
 */
export async function publishAddendum(
  tx: Transaction,
  references: ArtifactReferences,
  jobId: string,
  addendum: ModelAddendum,
): Promise<ModelAddendum> {
  const before = await tx.modelAddendum.findUnique({ where: { jobId }, include: OF_VERSION });
  if (before !== null) return toAddendum(before);
  const { id: modelVersionId, ratios } = await lockVersion(tx, addendum);
  const added = await tx.modelAddendum.findMany({ where: { modelVersionId }, select: { ratios: true } });
  checkNew(addendum, [ratios, ...added.map((each) => each.ratios)]);
  await tx.modelAddendum.create({ data: addendumColumns(addendum, modelVersionId) });
  await references.note(tx, [artifactRow(addendum, 'addendum', addendum)]);
  return addendum;
}

/** One addendum of a version at a time: until the transaction ends. */
async function lockVersion(tx: Transaction, addendum: ModelAddendum) {
  const { teamId, model, version } = addendum;
  const [locked] = await tx.$queryRaw<{ id: string }[]>`
    SELECT v.id FROM "ModelVersion" v JOIN "Model" m ON m.id = v."modelId"
    WHERE m."teamId" = ${teamId}::uuid AND m.name = ${model} AND v.version = ${version} FOR UPDATE OF v`;
  if (locked === undefined) throw notFound('model version', `${model}/${version}`);
  const where = { id: locked.id };
  return tx.modelVersion.findUniqueOrThrow({ where, select: { id: true, ratios: true } });
}

function checkNew({ model, version, ratios }: ModelAddendum, taken: readonly unknown[]): void {
  const known = new Set(
    taken.flatMap((some) =>
      VersionRatio.array()
        .parse(some)
        .map(({ ratio }) => ratio),
    ),
  );
  const twice = ratios.find(({ ratio }) => known.has(ratio));
  if (twice === undefined) return;
  const detail = `version ${version} of "${model}" has ratio ${twice.ratio} already`;
  throw new AppError('already_exists', detail);
}
