import { hostname } from 'node:os';
import path from 'node:path';
import type { Calibration, Dataset, Device, Job } from '#contracts';
import { describeMachine, isochronVersion, writeFileAtomic } from '#runtime';
import { buildReport, deploymentOn } from '../report/build-report.js';
import { renderPage } from '../report/page.js';
import type { DemoReport, MeasuredTable } from '../report/report.schema.js';
import type { Stack } from '../stack/stack.js';
import type { Terminal } from '../terminal/terminal.js';
import { ApiClient } from './api-client.js';
import { awaitMeasuring } from './await-measuring.js';
import { DemoFailedError } from './demo-failed-error.js';
import type { DemoPlan } from './demo-plan.js';
import { JobDisplay } from './follow-job.js';
import { cpufreqPoints, emulatedPoints } from './operating-points.js';
import { registerDataset, registerDevice } from './register.js';
import { calibrationTable } from './result-tables.js';
import type { Timeline } from './timeline.js';

export interface DemoOptions {
  readonly dataDir: string;
  readonly plan: DemoPlan;
  readonly realClocks: boolean;
  readonly command: string;
  /** What the API is called with. */
  readonly apiKey: string;
  readonly queue: DemoReport['queue'];
}

const MODEL = 'mnist-resnet8';

/** The main job from an empty service to a report, through the HTTP API alone. */
export class Demo {
  readonly #client: ApiClient;

  constructor(
    private readonly options: DemoOptions,
    private readonly stack: Stack,
    private readonly terminal: Terminal,
    private readonly timeline: Timeline,
  ) {
    this.#client = new ApiClient(stack.url, options.apiKey);
  }

  /** @throws DemoFailedError or ApiError saying what went wrong. */
  async run(): Promise<DemoReport> {
    this.timeline.begin('register dataset and device, start the agent');
    const { dataset, device } = await this.#register();
    this.timeline.begin('measure proxy networks');
    const { profile, profileGridCells } = await this.#measureProxies(device, dataset);
    this.timeline.begin('calibrate');
    const calibration = await this.#calibrate(profile);
    this.timeline.begin('submit the job');
    const job = await this.#train(dataset, calibration);
    this.timeline.begin('report');
    const report = await this.#report({ dataset, device, profile, profileGridCells, calibration, job });
    this.timeline.end();
    return report;
  }

  async #register(): Promise<{ dataset: Dataset; device: Device }> {
    const { realClocks } = this.options;
    const points = realClocks ? cpufreqPoints() : emulatedPoints();
    const dataset = await registerDataset(this.#client);
    const machine = { host: hostname(), model: describeMachine().cpuModel };
    const device = await registerDevice(this.#client, points, machine);
    const request = { name: device.name, role: 'device', deviceId: device.id } as const;
    const { key } = await this.#client.createApiKey(request);
    await this.stack.startAgent(device.id, key, realClocks);
    this.terminal.say(
      `dataset ${dataset.name}: ${dataset.trainImages} + ${dataset.testImages} images, ${dataset.classes} classes\n` +
        `device ${device.name}: ${points.length} operating points on ${realClocks ? 'real' : 'EMULATED'} clocks`,
    );
    return { dataset, device };
  }

  async #measureProxies(
    device: Device,
    dataset: Dataset,
  ): Promise<{ profile: MeasuredTable; profileGridCells: number }> {
    const { network, profileRatios, channelMultiple, protocol, tolerance } = this.options.plan;
    const task = await this.#client.createMeasuringTask({
      deviceId: device.id,
      network,
      input: dataset.input,
      classes: dataset.classes,
      ratios: [...profileRatios],
      channelMultiple,
      protocol,
      selection: { kind: 'adaptive', tolerance },
    });
    const progress = this.terminal.progress('measure proxy networks');
    const done = await awaitMeasuring(this.#client, task.id, progress);
    progress.finish(`${done.cellsDone} cells of ${done.cells.length} settle the choices`);
    if (done.latencyTableId === undefined)
      throw new DemoFailedError(`measuring task ${done.id} left no latency table`);
    const profile = await this.#client.getMeasuredTable(done.latencyTableId);
    return { profile, profileGridCells: done.cells.length };
  }

  async #calibrate(profile: MeasuredTable): Promise<Calibration> {
    const { tolerance } = this.options.plan;
    const calibration = await this.#client.createCalibration({ latencyTableId: profile.id, tolerance });
    this.terminal.say(calibrationTable(calibration));
    return calibration;
  }

  async #train(dataset: Dataset, calibration: Calibration): Promise<Job> {
    const { network, training, channelMultiple } = this.options.plan;
    const job = await this.#client.createJob({
      model: MODEL,
      network,
      datasetId: dataset.id,
      calibrationId: calibration.id,
      training: { ...training, channelMultiple },
    });
    this.terminal.say(`job ${job.id} trains ratios ${job.ratios.join(', ')} with one set of weights`);
    return new JobDisplay(this.#client, this.terminal, this.timeline).follow(job.id);
  }

  async #report(found: {
    dataset: Dataset;
    device: Device;
    profile: MeasuredTable;
    profileGridCells: number;
    calibration: Calibration;
    job: Job;
  }): Promise<DemoReport> {
    const { job, device } = found;
    if (job.version === undefined) throw new DemoFailedError(`job ${job.id} published no version`);
    const version = await this.#client.getVersion(job.model, job.version);
    const { latencyTableIds } = deploymentOn(version, device);
    const tables = await Promise.all(latencyTableIds.map((id) => this.#client.getMeasuredTable(id)));
    const [verification, ...adjustments] = tables as [MeasuredTable, ...MeasuredTable[]];
    const { runner, runnerVersion } = verification.cells[0]!.provenance;
    return buildReport({
      ...found,
      version,
      verification,
      adjustments,
      createdAt: new Date(),
      command: this.options.command,
      queue: this.options.queue,
      versions: { isochron: isochronVersion(), node: process.version, [runner]: runnerVersion },
      machine: describeMachine(),
      timings: this.timeline.timings,
    });
  }
}

export interface ReportFiles {
  readonly json: string;
  readonly html: string;
}

/** Writes `report.json` and `report.html`, each complete or not at all. */
export async function writeReport(report: DemoReport, dataDir: string): Promise<ReportFiles> {
  const files = { json: path.join(dataDir, 'report.json'), html: path.join(dataDir, 'report.html') };
  await writeFileAtomic(files.json, `${JSON.stringify(report, null, 2)}\n`);
  await writeFileAtomic(files.html, renderPage(report));
  return files;
}
