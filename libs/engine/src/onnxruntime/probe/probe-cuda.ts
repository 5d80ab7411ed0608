import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { withoutSource, type ProviderFinding } from './provider-finding.js';
import { runProbe, type ProbeResult } from './run-probe.js';

const LIBRARY = 'libonnxruntime_providers_cuda.so';
const INSTALL_PROVIDER = 'npm run provision -- cuda';
const INSTALL_CUDA =
  "NVIDIA's driver, and the CUDA and cuDNN libraries that the provider was built with, where the dynamic linker finds them";

const INSTALL_CARD = 'an NVIDIA card and its driver';
/** Of CUDA's runtime, once the provider's library is loaded: 35 where the driver is too old or not there, 100 where no card is. */
const NO_CARD = /CUDA failure (?:35|100): ([^;]+)/;
/** The one library of them all that comes with the driver. */
const NO_DRIVER = /^libcuda\.so[.\d]*: cannot open shared object file/;

/** Looks for the CUDA provider's library, which npm does not bring along, and tries it. */
export async function probeCuda(): Promise<ProviderFinding> {
  if (!existsSync(path.join(binFolder(), LIBRARY))) {
    return { available: false, reason: `${LIBRARY} is not installed`, install: INSTALL_PROVIDER };
  }
  return judgeCuda(await runProbe('cuda'));
}

/** What a trial run of CUDA means. */
export function judgeCuda({ error, log }: ProbeResult): ProviderFinding {
  if (error === undefined) return { available: true };
  // The linker's own words name the library that is missing; they are in the log alone.
  const linker = [...log.matchAll(/ with error: (.+)$/gm)].at(-1)?.[1]!.trim();
  const reason = linker ?? NO_CARD.exec(error)?.[1]!.trim() ?? withoutSource(error);
  const lacksCard = linker === undefined ? NO_CARD.test(error) : NO_DRIVER.test(linker);
  if (lacksCard) return { available: false, reason, install: INSTALL_CARD, lacksCard };
  return { available: false, reason, install: INSTALL_CUDA };
}

/** Where onnxruntime-node keeps its libraries on this platform. */
function binFolder(): string {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  return path.join(main, '../../bin/napi-v6', process.platform, process.arch);
}
