import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildAddon } from './addon.mjs';
import { checkEngine } from './check-engine.mjs';
import { npmCommand, provisionedFolder } from './paths.mjs';
import { ProvisionError } from './provision-error.mjs';
import { makeFolder, run, say } from './run.mjs';
import { downloadWheels, extract, requirementsOf } from './wheels.mjs';

/** Has the C API that tfjs-node 4.22 was written against (2.9) in its wheel, and CUDA 12 in the GPU wheel (docs/adr/0008). */
const TENSORFLOW = '2.15.1';
const TFJS = '4.22.0';

const FLAVOURS = {
  'tensorflow-cpu': { npm: '@tensorflow/tfjs-node', wheel: 'tensorflow-cpu', provider: 'tensorflow' },
  'tensorflow-gpu': {
    npm: '@tensorflow/tfjs-node-gpu',
    wheel: 'tensorflow',
    provider: 'tensorflow-gpu',
    cuda: 'and-cuda',
  },
};

const LIBRARIES = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'];
const HEADERS = ['tensorflow/', 'tsl/', 'external/local_tsl/'].map((part) => `tensorflow/include/${part}`);

/** Puts TensorFlow.js on TensorFlow into `provisioned/NAME`. Starts over what an earlier try left unfinished. */
export async function provisionTensorFlow(name, { force }) {
  const { npm, provider } = FLAVOURS[name];
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const here = `${process.platform} on ${process.arch}`;
    throw new ProvisionError(
      `${name}: made for Linux on x64, not for ${here}\nWhat to do: try "npm install --no-save ${npm}@${TFJS}", whose install script knows more systems`,
    );
  }
  const folder = provisionedFolder(name);
  const stamp = path.join(folder, 'provisioned.json');
  const wanted = JSON.stringify({ npm: `${npm}@${TFJS}`, tensorflow: TENSORFLOW, node: process.version });
  if (!force && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) {
    say(`${name}: is there already, in ${folder}`);
  } else {
    const began = performance.now();
    fs.rmSync(stamp, { force: true });
    makeFolder(folder);
    await install(name, folder);
    fs.writeFileSync(stamp, wanted);
    say(`${name}: done in ${Math.round((performance.now() - began) / 1000)} s, in ${folder}`);
  }
  await checkEngine('tfjs', provider);
}

async function install(name, folder) {
  const { npm } = FLAVOURS[name];
  await installPackage(npm, folder);
  const target = path.join(folder, 'node_modules', npm);
  const downloads = fs.mkdtempSync(path.join(os.tmpdir(), 'provision-'));
  try {
    await placeLibrary(FLAVOURS[name], path.join(target, 'deps'), downloads);
    say(`${npm}: compiling its addon`);
    await buildAddon(target);
  } finally {
    fs.rmSync(downloads, { recursive: true, force: true });
  }
  // 170 MB that only compiling needs.
  fs.rmSync(path.join(target, 'deps', 'include'), { recursive: true, force: true });
}

/** Without its install script, which would fetch a library of 2022 from outside of npm. */
async function installPackage(npm, folder) {
  say(`${npm} ${TFJS}: installing without its install script`);
  const manifest = { private: true, dependencies: { [npm]: TFJS } };
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const [command, ...args] = npmCommand();
  const options = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const remedy = 'see that npm reaches its registry';
  await run(command, [...args, ...options, '--prefix', folder], { cwd: folder, remedy });
}

/** Where the addon looks: `deps/lib`, under the names that the linker asks for; and the headers in `deps/include`. */
async function placeLibrary({ wheel, cuda }, deps, downloads) {
  say(`${wheel} ${TENSORFLOW}: downloading the wheel from the Python package index`);
  const [file] = await downloadWheels([`${wheel}==${TENSORFLOW}`], downloads);
  say(`${wheel} ${TENSORFLOW}: taking the library and its headers out of it`);
  const unpacked = path.join(downloads, 'unpacked');
  await extract(file, unpacked, [...LIBRARIES, ...HEADERS]);
  fs.rmSync(deps, { recursive: true, force: true });
  const lib = path.join(deps, 'lib');
  fs.mkdirSync(lib, { recursive: true });
  for (const library of LIBRARIES) move(path.join(unpacked, library), path.join(lib, path.basename(library)));
  fs.symlinkSync('libtensorflow_cc.so.2', path.join(lib, 'libtensorflow.so'));
  fs.symlinkSync('libtensorflow_framework.so.2', path.join(lib, 'libtensorflow_framework.so'));
  move(path.join(unpacked, 'tensorflow/include'), path.join(deps, 'include'));
  if (cuda) await placeCuda(await requirementsOf(file, cuda), deps, downloads);
}

/** TensorFlow's library looks for NVIDIA's in `../nvidia` of its own folder, as pip would have laid them. */
async function placeCuda(requirements, deps, downloads) {
  say(`CUDA: downloading ${requirements.length} wheels from the Python package index`);
  const folder = path.join(downloads, 'cuda');
  fs.mkdirSync(folder);
  for (const wheel of await downloadWheels(requirements, folder)) {
    await extract(wheel, deps, ['nvidia/']);
    fs.rmSync(wheel);
  }
}

/** Across disks too, which renaming does not do. */
function move(from, to) {
  fs.cpSync(from, to, { recursive: true });
  fs.rmSync(from, { recursive: true });
}
