import { z } from 'zod';
import {
  AliasChange,
  ApiKey,
  AuditEntry,
  Calibration,
  CalibrationPreview,
  CreateApiKey,
  CreateCalibration,
  CreateDataset,
  CreateDevice,
  CreateEnrolment,
  CreateEnrolmentKey,
  CreateJob,
  CreateMeasuringTask,
  CreateModel,
  CreateSweep,
  CreateUpload,
  CreateWebhook,
  DrainWorker,
  Dataset,
  Deployment,
  DeploymentDrift,
  Device,
  EnrolledDevice,
  EnrolmentKey,
  FailTask,
  ImportLatencyTable,
  FieldLatencyVerdict,
  ContinueJob,
  Job,
  JobEvent,
  JobLogLine,
  JobMetrics,
  PrioritiseJob,
  LatencyTable,
  LatencyTableHeader,
  LeasedTask,
  LeaseExtension,
  LeaseProof,
  LeaseRequest,
  Me,
  MeasuringTask,
  Model,
  ModelAlias,
  ModelVersion,
  MoveAlias,
  NewApiKey,
  NewEnrolmentKey,
  NewWebhook,
  pageOf,
  PostFieldLatencies,
  Problem,
  ProtectAlias,
  ProtectedAlias,
  ProtectedAliases,
  PublishBundle,
  RotateWebhookSecret,
  SampledLatencyCell,
  Sweep,
  SweepComparison,
  SweepEvent,
  SweepHeader,
  TeamLimits,
  UpdateDescription,
  UpdateWebhook,
  Upload,
  UploadCell,
  Webhook,
  WebhookDelivery,
  WebhookTestResult,
  Worker,
  WorkerWithJobs,
} from '#contracts';
import { Liveness, Readiness } from '../health/readiness.js';

export const ApiKeyPage = pageOf(ApiKey);
export const AuditEntryPage = pageOf(AuditEntry);
export const DevicePage = pageOf(Device);
export const LatencyTablePage = pageOf(LatencyTableHeader);
export const EnrolmentKeyPage = pageOf(EnrolmentKey);
export const MeasuringTaskPage = pageOf(MeasuringTask);
export const DatasetPage = pageOf(Dataset);
export const JobPage = pageOf(Job);
export const SweepPage = pageOf(SweepHeader);
export const JobLogPage = pageOf(JobLogLine);
export const JobMetricsPage = pageOf(JobMetrics);
export const WorkerPage = pageOf(Worker);
export const ModelPage = pageOf(Model);
export const ModelVersionPage = pageOf(ModelVersion);
export const ModelAliasPage = pageOf(ModelAlias);
export const AliasChangePage = pageOf(AliasChange);
export const DeploymentPage = pageOf(Deployment);
export const WebhookPage = pageOf(Webhook);
export const WebhookDeliveryPage = pageOf(WebhookDelivery);

/** Bodies of requests: what has a default may be left out. */
const REQUESTS = {
  CreateApiKey,
  CreateDevice,
  CreateEnrolmentKey,
  CreateEnrolment,
  CreateMeasuringTask,
  LeaseRequest,
  LeaseProof,
  UploadCell,
  FailTask,
  ImportLatencyTable,
  CreateCalibration,
  CreateDataset,
  CreateJob,
  ContinueJob,
  PrioritiseJob,
  CreateSweep,
  CreateModel,
  UpdateDescription,
  PublishBundle,
  MoveAlias,
  ProtectAlias,
  CreateUpload,
  PostFieldLatencies,
  CreateWebhook,
  UpdateWebhook,
  RotateWebhookSecret,
  DrainWorker,
};

/** Bodies of answers: what has a default is always there. */
const ANSWERS = {
  Problem,
  Liveness,
  Readiness,
  Me,
  ApiKey,
  NewApiKey,
  ApiKeyPage,
  AuditEntry,
  AuditEntryPage,
  Device,
  EnrolledDevice,
  DevicePage,
  EnrolmentKey,
  NewEnrolmentKey,
  EnrolmentKeyPage,
  MeasuringTask,
  MeasuringTaskPage,
  LeasedTask,
  LeaseExtension,
  LatencyTable,
  LatencyTableHeader,
  LatencyTablePage,
  SampledLatencyCell,
  Calibration,
  CalibrationPreview,
  Dataset,
  DatasetPage,
  Job,
  JobPage,
  JobLogLine,
  JobLogPage,
  JobMetrics,
  JobMetricsPage,
  JobEvent,
  Sweep,
  SweepHeader,
  SweepPage,
  SweepComparison,
  SweepEvent,
  Worker,
  WorkerWithJobs,
  WorkerPage,
  TeamLimits,
  Model,
  ModelPage,
  ModelVersion,
  ModelVersionPage,
  ModelAlias,
  ModelAliasPage,
  AliasChange,
  AliasChangePage,
  ProtectedAlias,
  ProtectedAliases,
  Upload,
  Deployment,
  DeploymentPage,
  DeploymentDrift,
  FieldLatencyVerdict,
  Webhook,
  NewWebhook,
  WebhookPage,
  WebhookTestResult,
  WebhookDelivery,
  WebhookDeliveryPage,
};

type JsonSchema = Record<string, unknown>;

const PREFIX = '#/components/schemas/';
const NAMES = new Map<unknown, string>(
  Object.entries({ ...REQUESTS, ...ANSWERS }).map(([name, schema]) => [schema, name]),
);

/** `$ref` of a contract that has a name in the document. */
export function referenceTo(schema: unknown): { $ref: string } | undefined {
  const name = NAMES.get(schema);
  return name === undefined ? undefined : { $ref: PREFIX + name };
}

/** All named contracts as JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
export function componentSchemas(): Record<string, JsonSchema> {
  return { ...jsonSchemas(REQUESTS, 'input'), ...jsonSchemas(ANSWERS, 'output') };
}

/** A contract without a name, written where it is used. */
export function inlineSchema(schema: z.ZodType): JsonSchema {
  return withoutIdentity(z.toJSONSchema(schema, { io: 'input', override: leaveOpen }));
}

function jsonSchemas(named: Record<string, z.ZodType>, io: 'input' | 'output'): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, uri: (id) => PREFIX + id, override: leaveOpen });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutIdentity(schema)]));
}

/** The document says which dialect it uses, and its keys name the schemas. */
function withoutIdentity(schema: JsonSchema): JsonSchema {
  const identity = new Set(['$schema', '$id', 'id']);
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !identity.has(keyword)));
}

/** Answers may gain fields: only strict contracts refuse fields that they do not name. */
function leaveOpen({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: JsonSchema }): void {
  const { def } = zodSchema._zod;
  if (def.type === 'object' && def.catchall === undefined) delete jsonSchema.additionalProperties;
}
