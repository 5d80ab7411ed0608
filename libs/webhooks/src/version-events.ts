import type { Deployment, ModelVersion } from '#contracts';
import type { WebhookEvent } from './webhook-event.js';

/** What webhooks are told of a version that was published: the version, then each of its deployments. */
export function versionWebhookEvents(version: ModelVersion): WebhookEvent[] {
  return [publishedEvent(version), ...version.deployments.map(deploymentEvent)];
}

function publishedEvent(published: ModelVersion): WebhookEvent {
  const { id, teamId, createdAt, model, version, bundle, lineage } = published;
  const ratios = published.ratios.map(({ ratio, accuracy }) => ({ ratio, accuracy }));
  const { jobId, datasetId, calibrationId } = lineage;
  const data = { versionId: id, model, version, jobId, datasetId, calibrationId, bundle, ratios };
  return { teamId, key: `version/${id}`, type: 'model.version.published', at: createdAt, data };
}

function deploymentEvent(deployment: Deployment): WebhookEvent {
  const { id, teamId, createdAt, model, version, deviceId, deviceName, calibrationId } = deployment;
  const { targetMs, tolerance, emulated, points } = deployment;
  const data = {
    ...{ deploymentId: id, model, version, deviceId, deviceName, calibrationId },
    ...{ targetMs, tolerance, emulated },
    operatingPoints: points.length,
    operatingPointsWithinTolerance: points.filter((point) => point.withinTolerance).length,
  };
  return { teamId, key: `deployment/${id}`, type: 'deployment.created', at: createdAt, data };
}
