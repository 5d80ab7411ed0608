import { withoutSource, type ProviderFinding } from './provider-finding.js';
import { runProbe, type ProbeResult } from './run-probe.js';
import { dawnWarnings, isSoftwareDevice, usedVulkanDevice } from './vulkan-log.js';

const INSTALL =
  "a graphics card with its Vulkan driver, and on Linux the Vulkan loader (Debian: libvulkan1; in a container: the host's driver)";

/** Tries WebGPU; where Vulkan carries it, tells a graphics card from a driver that computes on the CPU. */
export async function probeWebGpu(): Promise<ProviderFinding> {
  return judgeWebGpu(await runProbe('webgpu'), process.platform);
}

/** What a trial run of WebGPU means. */
export function judgeWebGpu({ error, log }: ProbeResult, platform: NodeJS.Platform): ProviderFinding {
  if (error !== undefined) {
    const reason = [withoutSource(error), ...dawnWarnings(log)].join('; ');
    return { available: false, reason, install: INSTALL };
  }
  // Apple's Metal has no driver without a graphics card.
  if (platform === 'darwin') return { available: true, detail: 'Metal' };
  const device = usedVulkanDevice(log);
  if (!device) {
    const reason =
      'cannot tell whether a graphics card or the CPU is behind it, so a job gets it only by name';
    return { available: true, fallback: true, reason };
  }
  const detail = device.name;
  if (!isSoftwareDevice(device)) return { available: true, detail };
  const reason = `its driver ${device.driver} computes on the CPU, so a job gets it only by name`;
  return { available: true, fallback: true, reason, detail };
}
