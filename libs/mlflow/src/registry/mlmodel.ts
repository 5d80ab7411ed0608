import type { ModelVersion } from '#contracts';

/** By which MLflow's tools know a folder as a model. */
export const MLMODEL = 'MLmodel';

export function bundleName({ model, version }: Pick<ModelVersion, 'model' | 'version'>): string {
  return `${model}-${version}.safetensors`;
}

/**
 * What MLflow reads of a model: one flavor, `isochron`, with what is in the bundle, and the shapes of images and logits. JSON is
 * YAML, and the same version always gives the same bytes.
 */
export function mlmodelFile(version: ModelVersion): string {
  const { bundle, input, classes, ratios, lineage } = version;
  const { channels, height, width } = input;
  const content = {
    artifact_path: version.model,
    flavors: {
      isochron: {
        data: bundleName(version),
        digest: bundle.digest,
        ...{ input, classes },
        ratios: ratios.map(({ ratio, accuracy, macs, parameters }) => ({
          ratio,
          accuracy,
          macs,
          parameters,
        })),
        ...(lineage.jobId !== undefined && { job_id: lineage.jobId }),
      },
    },
    model_size_bytes: bundle.bytes,
    model_uuid: version.id.replaceAll('-', ''),
    signature: {
      inputs: tensor([-1, channels, height, width]),
      outputs: tensor([-1, classes]),
    },
    utc_time_created: version.createdAt.replace('T', ' ').replace('Z', ''),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** MLflow keeps these as JSON within the YAML. */
function tensor(shape: readonly number[]): string {
  return JSON.stringify([{ type: 'tensor', 'tensor-spec': { dtype: 'float32', shape } }]);
}
