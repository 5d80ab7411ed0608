import {
  AppError,
  type Actor,
  type Deployment,
  type DeploymentDrift,
  type FieldLatencyVerdict,
  type PointDrift,
  type PostFieldLatencies,
} from '#contracts';
import type { DriftRepository, StoredDrift } from './drift-repository.port.js';
import type { DriftTest } from './drift-test.port.js';
import { operatingPointOf } from './operating-point-of.js';
import type { RegistryService } from './registry-service.js';

export interface FieldLatencyServiceParts {
  readonly registry: Pick<RegistryService, 'deployment'>;
  readonly drifts: DriftRepository;
  readonly driftTest: DriftTest;
  readonly now: () => Date;
}

type Point = Deployment['points'][number];

/** How far the clock of a device may be from ours. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Watches deployments in the field: whether their devices still take what the verification measured. */
export class FieldLatencyService {
  constructor(private readonly parts: FieldLatencyServiceParts) {}

  /**
   * Counts latencies of one operating point and says how it stands. A point that has drifted stays so: it takes another
   * deployment, for which the device is measured again.
   * @throws AppError not_found, or invalid_request for a point that the deployment has not and for an impossible time
   */
  async post(actor: Actor, deploymentId: string, request: PostFieldLatencies): Promise<FieldLatencyVerdict> {
    const { registry, drifts, now } = this.parts;
    const deployment = await registry.deployment(actor, deploymentId);
    const point = operatingPointOf(deployment, request.operatingPoint);
    const at = now();
    checkTime(request.measuredAt, deployment, at);
    let counted = false;
    const place = { deploymentId, operatingPoint: point.operatingPoint, now: at };
    const stored = await drifts.update(actor, place, (before) => {
      counted = before === undefined || counts(before, request);
      return counted ? this.observed(before, request, { deployment, point, at }) : before!;
    });
    return { deploymentId, counted, ...this.pointDrift(point, stored) };
  }

  /** @throws AppError not_found */
  async drift(actor: Actor, deploymentId: string): Promise<DeploymentDrift> {
    const { registry, drifts } = this.parts;
    const deployment = await registry.deployment(actor, deploymentId);
    const stored = await drifts.list(actor, deploymentId);
    const points = deployment.points.map((point) => {
      const seen = stored.find((drift) => drift.operatingPoint === point.operatingPoint);
      return this.pointDrift(point, seen);
    });
    const { deviceId, tolerance, model, version } = deployment;
    const recalibrationNeeded = points.some((point) => point.recalibrationNeeded);
    const redeployAt = `/v1/models/${model}/versions/${version}/deployments`;
    return {
      ...{ deploymentId, deviceId, tolerance, recalibrationNeeded },
      ...(recalibrationNeeded && { redeployAt }),
      points,
    };
  }

  private observed(
    before: StoredDrift | undefined,
    { latenciesMs, measuredAt, sequence = before?.sequence }: PostFieldLatencies,
    { deployment, point, at }: { deployment: Deployment; point: Point; at: Date },
  ): StoredDrift {
    const { driftTest } = this.parts;
    const reference = { predictedMs: point.calibrated.p50Ms, tolerance: deployment.tolerance };
    const { state, drifted } = driftTest.observe(
      before?.state ?? driftTest.nothingSeen,
      latenciesMs,
      reference,
    );
    return {
      operatingPoint: point.operatingPoint,
      state,
      ...(sequence === undefined ? {} : { sequence }),
      ...(drifted && { alarm: { drifted, at: measuredAt === undefined ? at : new Date(measuredAt) } }),
    };
  }

  private pointDrift(point: Point, stored: StoredDrift | undefined): PointDrift {
    const { driftTest } = this.parts;
    const state = stored?.state ?? driftTest.nothingSeen;
    const alarm = stored?.alarm;
    return {
      operatingPoint: point.operatingPoint,
      predictedMs: point.calibrated.p50Ms,
      blocks: state.blocks,
      pending: state.pendingMs.length,
      evidence: { ...driftTest.evidenceIn(state), needed: driftTest.evidenceNeeded },
      recentMediansMs: [...state.recentMediansMs],
      recalibrationNeeded: alarm !== undefined,
      ...(alarm && { drifted: alarm.drifted, driftedAt: alarm.at.toISOString() }),
    };
  }
}

function counts({ alarm, sequence: highest = -1 }: StoredDrift, { sequence }: PostFieldLatencies): boolean {
  return alarm === undefined && (sequence === undefined || sequence > highest);
}

function checkTime(measuredAt: string | undefined, { createdAt }: Deployment, now: Date): void {
  if (measuredAt === undefined) return;
  const time = Date.parse(measuredAt);
  const isPossible = time >= Date.parse(createdAt) - CLOCK_SKEW_MS && time <= now.getTime() + CLOCK_SKEW_MS;
  if (isPossible) return;
  const expected = `a time between ${createdAt}, when the deployment was made, and now, ${now.toISOString()}`;
  const fields = [{ field: 'measuredAt', value: measuredAt, expected }];
  throw new AppError('invalid_request', `measuredAt is "${measuredAt}": expected ${expected}`, { fields });
}
