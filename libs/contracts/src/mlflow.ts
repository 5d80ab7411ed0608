import { z } from 'zod';

/**
 * Requests of MLflow's registry API 2.0, as its clients send them (mlflow/protos/model_registry.proto): numbers may be texts, and
 * what a newer client sends beyond this is passed over.
 */
const Name = z.string().min(1);
const Version = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^\d{1,9}$/, 'expected the number of a version'))
  .transform(Number);
const Pairs = z.array(z.object({ key: z.string(), value: z.string().default('') }));
const Texts = z.union([z.string(), z.array(z.string())]).transform((given) => [given].flat());

export const MlflowModelName = z.object({ name: Name });
export const MlflowRenameModel = z.object({ name: Name, new_name: z.string().optional() });
export const MlflowCreateModel = z.object({
  name: Name,
  tags: Pairs.default([]),
  description: z.string().default(''),
});
export const MlflowUpdateModel = z.object({ name: Name, description: z.string().default('') });
export const MlflowModelTag = z.object({ name: Name, key: z.string(), value: z.string().default('') });
export const MlflowModelTagKey = z.object({ name: Name, key: z.string() });
export const MlflowAlias = z.object({ name: Name, alias: z.string() });
export const MlflowSetAlias = z.object({ name: Name, alias: z.string(), version: Version });
export const MlflowLatestVersions = z.object({ name: Name, stages: Texts.default([]) });

export const MlflowVersion = z.object({ name: Name, version: Version });
export const MlflowCreateVersion = z.object({
  name: Name,
  source: z.string().default(''),
  tags: Pairs.default([]),
  description: z.string().default(''),
});
export type MlflowCreateVersion = z.infer<typeof MlflowCreateVersion>;
export const MlflowUpdateVersion = z.object({
  ...{ name: Name, version: Version },
  description: z.string().default(''),
});
export const MlflowVersionTag = z.object({
  ...{ name: Name, version: Version, key: z.string() },
  value: z.string().default(''),
});
export const MlflowVersionTagKey = z.object({ name: Name, version: Version, key: z.string() });
export const MlflowTransitionStage = z.object({
  ...{ name: Name, version: Version },
  stage: z.string().default(''),
});

export const MlflowSearch = z.object({
  filter: z.string().max(10_000).default(''),
  max_results: z.coerce.number().int().min(1).max(200_000).default(100),
  order_by: Texts.default([]),
  page_token: z.string().max(500).default(''),
});
export type MlflowSearch = z.infer<typeof MlflowSearch>;

export const MlflowListFiles = z.object({ path: z.string().max(1000).default('') });
