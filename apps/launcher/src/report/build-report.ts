import type { Calibration, Deployment, Job } from '#contracts';
import { DemoReport, REPORT_FORMAT, type ReportPoint } from './report.schema.js';

/** What the API answered during a demo, and what is known about the run. */
export interface DemoFindings extends Pick<
  DemoReport,
  | 'command'
  | 'versions'
  | 'machine'
  | 'queue'
  | 'device'
  | 'dataset'
  | 'version'
  | 'calibration'
  | 'profile'
  | 'verification'
  | 'adjustments'
  | 'timings'
> {
  readonly createdAt: Date;
  readonly job: Job;
  /** Of the measuring task that the profile comes from. */
  readonly profileGridCells: number;
}

/**
 * Builds the report from the API's answers; it computes nothing that the service has measured or judged itself.
 * @throws Error when the version has no deployment on the device, or no ratio was chosen for one of its points.
 */
export function buildReport({ createdAt, job, profileGridCells, ...findings }: DemoFindings): DemoReport {
  const { version, device, calibration, profile, verification } = findings;
  const deployment = deploymentOn(version, device);
  const { dense, calibrated } = deployment.stability;
  return DemoReport.parse({
    ...findings,
    format: REPORT_FORMAT,
    createdAt: createdAt.toISOString(),
    emulated: profile.emulated || verification.emulated,
    jobId: job.id,
    training: job.spec.training,
    profileCells: cellsSaved(profile.cellCount, profileGridCells),
    points: deployment.points.map((point) => reportPoint(point, calibration)),
    stability: {
      dense,
      calibrated,
      spreadReduction: dense.spread / calibrated.spread,
      varianceReduction: calibrated.varianceMs2 > 0 ? dense.varianceMs2 / calibrated.varianceMs2 : null,
    },
  } satisfies DemoReport);
}

function cellsSaved(measured: number, grid: number): DemoReport['profileCells'] {
  return { measured, grid, savedShare: 1 - measured / grid };
}

/** @throws Error when the version has no deployment on the device. */
export function deploymentOn(version: DemoReport['version'], device: DemoReport['device']): Deployment {
  const deployment = version.deployments.find((d) => d.deviceId === device.id);
  if (deployment) return deployment;
  throw new Error(`version ${version.version} of "${version.model}" has no deployment on "${device.name}"`);
}

function reportPoint(point: Deployment['points'][number], calibration: Calibration): ReportPoint {
  const choice = calibration.choices.find((c) => c.operatingPoint === point.operatingPoint);
  if (!choice) throw new Error(`the calibration chose no ratio for "${point.operatingPoint}"`);
  const { accuracy } = point;
  if (accuracy === undefined) throw new Error(`nobody measured the accuracy at "${point.operatingPoint}"`);
  return { ...point, accuracy, proxyMs: { dense: choice.denseMs, calibrated: choice.predictedMs } };
}
