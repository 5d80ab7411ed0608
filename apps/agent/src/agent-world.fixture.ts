import { exportOnnx } from '#bundle';
import { denseWidths, resNet } from '#network';
import { randomSubnet } from '#pruning';
import { temporaryFolder } from '#testkit';
import { AgentProcesses, type AgentProcess } from './agent-process.fixture.js';
import { LeaseServer } from './lease-server.fixture.js';

const network = resNet({
  depth: 8,
  input: { channels: 1, height: 8, width: 8 },
  classes: 10,
  widthMultiplier: 0.25,
});
/** A small network, as an ONNX file. */
export const NETWORK = exportOnnx(randomSubnet(network, denseWidths(network), 1), { batch: 8 });
export const POINTS = [
  { name: 'full', emulatedCpuShare: 1 },
  { name: 'half', emulatedCpuShare: 0.5 },
];

/** A server with a device, and agents that use one data directory. */
export class AgentWorld {
  readonly agents = new AgentProcesses();

  private constructor(
    readonly folder: Awaited<ReturnType<typeof temporaryFolder>>,
    readonly server: LeaseServer,
  ) {}

  static async open(name: string): Promise<AgentWorld> {
    return new AgentWorld(await temporaryFolder(name), await LeaseServer.start());
  }

  /** Starts an agent for the device. */
  start(...args: string[]): AgentProcess {
    const { agents, folder, server } = this;
    return agents.start([
      '--server',
      server.url,
      '--device',
      server.device,
      '--data-dir',
      folder.path,
      ...args,
    ]);
  }

  async close(): Promise<void> {
    this.agents.killAll();
    await this.server.stop();
    await this.folder.remove();
  }
}
