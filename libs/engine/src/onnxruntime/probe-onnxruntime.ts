import os from 'node:os';
import { listSupportedBackends } from 'onnxruntime-node';
import type { Availability } from '../availability.js';
import { probeCuda } from './probe/probe-cuda.js';
import { probeWebGpu } from './probe/probe-webgpu.js';
import type { ProviderFinding } from './probe/provider-finding.js';
import { onnxRuntimeVersion } from './version.js';

const PROBES: Readonly<Record<string, () => Promise<ProviderFinding>>> = {
  cuda: probeCuda,
  webgpu: probeWebGpu,
  cpu: () => Promise.resolve({ available: true, detail: os.cpus()[0]?.model.trim() }),
};

/** Finds out whether a provider of onnxruntime works here; those of graphics cards by a trial run in a child process. */
export async function probeOnnxRuntime(provider: string): Promise<Availability> {
  const threads = os.availableParallelism();
  const finding = await findingOf(provider);
  return { executor: 'onnxruntime', provider, version: onnxRuntimeVersion(), threads, ...finding };
}

function findingOf(provider: string): Promise<ProviderFinding> {
  if (listSupportedBackends().some(({ name }) => name === provider)) return PROBES[provider]!();
  const reason = `onnxruntime-node is not made with it for ${process.platform} on ${process.arch}`;
  const install = 'a platform that it is made for, such as Linux on x64';
  return Promise.resolve({ available: false, reason, install });
}
