import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './paths.mjs';
import { ProvisionError } from './provision-error.mjs';
import { say } from './run.mjs';

/** Loads what was brought and holds every op on it to the float64 reference. */
export async function checkEngine(executor, provider) {
  const built = path.join(ROOT, 'dist/libs/engine/src/index.js');
  if (!fs.existsSync(built)) {
    return say(
      `${executor} ${provider}: not checked, since nothing is built: npm run build, then npm run engines`,
    );
  }
  const { checkConformance, createExecutor, probeEngines } = await import(pathToFileURL(built).href);
  const found = (await probeEngines()).find(
    (engine) => engine.executor === executor && engine.provider === provider,
  );
  if (!found.available) {
    const missing = found.install ? `; it needs ${found.install}` : '';
    // A card's software may be put on a machine before the card, as when an image is built.
    if (found.lacksCard) return say(`${executor} ${provider}: not checked: ${found.reason}${missing}`);
    throw new ProvisionError(`${executor} ${provider}: ${found.reason}${missing}`);
  }
  say(`${executor} ${provider}: ${found.detail}, version ${found.version}; running every op`);
  const results = await checkConformance(await createExecutor(executor, { provider }));
  const failed = results.filter(({ passed }) => !passed);
  for (const { name, largestError, failure } of failed) say(`  ${name}: ${failure ?? largestError}`);
  say(`${executor} ${provider}: ${results.length - failed.length} passed, ${failed.length} failed`);
  if (failed.length > 0) throw new ProvisionError(`${executor} ${provider} computes wrongly`);
}
