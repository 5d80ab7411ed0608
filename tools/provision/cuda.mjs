import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { checkEngine } from './check-engine.mjs';
import { ProvisionError } from './provision-error.mjs';
import { run, say } from './run.mjs';

/** Runs the install script that npm ci leaves out, which downloads the provider's libraries from NuGet. */
export async function provisionCuda({ force }) {
  const require = createRequire(import.meta.url);
  const folder = path.dirname(require.resolve('onnxruntime-node/package.json'));
  const library = path.join(folder, 'bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so');
  // Written last, so that a download that broke off does not count; npm ci removes both together.
  const stamp = `${library}.provisioned`;
  if (!force && fs.existsSync(stamp) && fs.existsSync(library)) {
    say(`cuda: is there already, in ${path.dirname(library)}`);
  } else {
    fs.rmSync(stamp, { force: true });
    fs.rmSync(library, { force: true });
    await download(path.join(folder, 'script/install.js'));
    if (!fs.existsSync(library)) {
      throw new ProvisionError(
        `cuda: onnxruntime-node has none for ${process.platform} on ${process.arch}\nWhat to do: use Linux on x64`,
      );
    }
    fs.writeFileSync(stamp, '');
  }
  await checkEngine('onnxruntime', 'cuda');
}

async function download(script) {
  say('cuda: running the install script of onnxruntime-node, which downloads from NuGet');
  // Our .npmrc says "skip" to the script, through npm; and without an explicit word it does nothing within a project.
  const kept = Object.entries(process.env).filter(([name]) => !/onnxruntime[-_]node[-_]install/i.test(name));
  const env = { ...Object.fromEntries(kept), ONNXRUNTIME_NODE_INSTALL: 'true' };
  const remedy =
    'run it on Linux on x64, where api.nuget.org can be reached (GLOBAL_AGENT_HTTPS_PROXY takes a proxy)';
  await run(process.execPath, [script], { cwd: path.dirname(script), env, remedy });
}
