// Runs test/webgpu on a Vulkan driver that computes on the CPU, so that it needs no graphics card.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

const HELP = `Usage: npm run test:webgpu [-- OPTIONS] [ARGUMENTS FOR JEST]

Finds a Vulkan driver and runs the WebGPU tests on it: SwiftShader, which comes with Chromium and Chrome, or Mesa's
lavapipe (23 or later). Where it finds none, it says so and ends with exit code 0.

Options:
  --require   end with exit code 1 where no driver is found
  --system    use the machine's own driver: on a graphics card
`;

const ROOT = path.resolve(import.meta.dirname, '..');
const OWN_OPTIONS = ['--require', '--system'];
const given = process.argv.slice(2);

if (given.includes('--help')) {
  process.stdout.write(HELP);
} else {
  process.exitCode = main(given);
}

function main(args) {
  const drivers = args.includes('--system')
    ? [{ name: "the machine's own driver", env: {} }]
    : softwareDrivers();
  const refused = [];
  for (const { name, env } of drivers) {
    const { available, detail, reason } = webGpuWith(env);
    if (!available) {
      refused.push(`${name}: ${reason}`);
      continue;
    }
    process.stdout.write(`WebGPU on ${detail ?? name}\n`);
    return runTests(
      args.filter((argument) => !OWN_OPTIONS.includes(argument)),
      env,
    );
  }
  const tried = refused.length === 0 ? '' : ` (${refused.join('; ')})`;
  process.stdout.write(
    `WebGPU was NOT tested: no Vulkan driver was found that it accepts${tried}; Chromium's package brings one\n`,
  );
  return args.includes('--require') ? 1 : 0;
}

/** Drivers that are on this machine, with the environment that makes the Vulkan loader take each. */
function softwareDrivers() {
  const browsers = ['/usr/lib/chromium', '/opt/google/chrome', path.dirname(chromium.executablePath())];
  const swiftShaders = browsers.map((folder) => ({
    name: 'SwiftShader',
    manifest: path.join(folder, 'vk_swiftshader_icd.json'),
    // A browser brings its own Vulkan loader along: nothing else need be installed.
    loaderFolder: folder,
  }));
  const icds = '/usr/share/vulkan/icd.d';
  const lavapipes = listed(icds)
    .filter((file) => file.startsWith('lvp_icd'))
    .map((file) => ({ name: 'lavapipe', manifest: path.join(icds, file) }));
  return [...swiftShaders, ...lavapipes]
    .filter(({ manifest }) => fs.existsSync(manifest))
    .map(({ name, manifest, loaderFolder }) => ({ name, env: driverEnvironment(manifest, loaderFolder) }));
}

function driverEnvironment(manifest, loaderFolder) {
  const folders = [process.env.LD_LIBRARY_PATH, loaderFolder].filter(Boolean).join(':');
  // The second name is the one that loaders before 1.3.207 know.
  return {
    VK_DRIVER_FILES: manifest,
    VK_ICD_FILENAMES: manifest,
    ...(folders && { LD_LIBRARY_PATH: folders }),
  };
}

function listed(folder) {
  return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
}

/** What `npm run engines` says of WebGPU in an environment. */
function webGpuWith(env) {
  const engines = path.join(ROOT, 'dist/apps/worker/src/engines.main.js');
  const { stdout, stderr } = spawnSync(process.execPath, [engines, '--json'], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  if (!stdout) return { available: false, reason: stderr.trim() };
  return JSON.parse(stdout).engines.find(({ provider }) => provider === 'webgpu');
}

function runTests(args, env) {
  const runner = path.join(ROOT, 'tools/run-tests.mjs');
  const { status } = spawnSync(process.execPath, [runner, '--webgpu', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  return status ?? 1;
}
