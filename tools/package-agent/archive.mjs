import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { TYPES } from './declarations.mjs';

/** Packages in an archive: the one that the agent needs, and what that one needs to run (not to install itself). */
const VENDORED = ['onnxruntime-node', 'onnxruntime-common'];
const FILES = [
  ...[
    'isochron-agent.mjs',
    'runtime.mjs',
    'runtime.d.mts',
    'measured.process.mjs',
    'guardian.process.mjs',
    'prepare.process.mjs',
  ],
  ...['README.md', 'THIRD-PARTY.md', 'LICENSE', 'build.json'],
];

/**
 * Packs what is in `out` with the native library of one architecture, laid out as npm lays packages out.
 * @returns the path of the archive
 */
export function archive(root, out, manifest, arch) {
  const staging = fs.mkdtempSync(path.join(out, '.staging-'));
  const folder = path.join(staging, 'package');
  try {
    fs.mkdirSync(folder);
    for (const file of FILES) fs.copyFileSync(path.join(out, file), path.join(folder, file));
    fs.cpSync(path.join(out, TYPES), path.join(folder, TYPES), { recursive: true });
    const packed = { ...manifest, os: ['linux'], cpu: [arch], bundleDependencies: VENDORED };
    writeJson(path.join(folder, 'package.json'), packed);
    for (const name of VENDORED) vendor(root, folder, name, arch);
    const file = path.join(out, `isochron-agent-${manifest.version}-linux-${arch}.tgz`);
    tar(staging, file);
    return file;
  } finally {
    fs.rmSync(staging, { recursive: true, force: true });
  }
}

/** Copies a package without its install script, sources of types, and the libraries of other machines. */
function vendor(root, folder, name, arch) {
  const from = path.join(root, 'node_modules', name);
  const to = path.join(folder, 'node_modules', name);
  const { version, license, main, module, exports, type } = JSON.parse(
    fs.readFileSync(path.join(from, 'package.json'), 'utf8'),
  );
  const dependencies = name === 'onnxruntime-node' ? { 'onnxruntime-common': version } : undefined;
  fs.mkdirSync(to, { recursive: true });
  writeJson(path.join(to, 'package.json'), {
    name,
    version,
    license,
    type,
    main,
    module,
    exports,
    dependencies,
  });
  fs.cpSync(path.join(from, 'dist'), path.join(to, 'dist'), {
    recursive: true,
    filter: (file) => !/\.(d\.ts|map)$/.test(file),
  });
  if (name !== 'onnxruntime-node') return;
  const [napi] = fs.readdirSync(path.join(from, 'bin'));
  const library = path.join('bin', napi, 'linux', arch);
  fs.cpSync(path.join(from, library), path.join(to, library), { recursive: true });
}

/** The same files give the same archive. */
function tar(folder, file) {
  const steady = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=2026-01-01T00:00:00Z'];
  const { status, stderr, error } = spawnSync('tar', [...steady, '-czf', file, '-C', folder, 'package'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`tar: ${error?.message ?? stderr}`);
}

function writeJson(file, value) {
  fs.writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
