import fs from 'node:fs';
import path from 'node:path';
import { nodeGyp, nodeHeaders } from './paths.mjs';
import { ProvisionError } from './provision-error.mjs';
import { run } from './run.mjs';

/** Compiles a package's addon from source, with what its installer would have told node-gyp. */
export async function buildAddon(folder) {
  const gyp = nodeGyp();
  if (!gyp) {
    throw new ProvisionError(
      'node-gyp was not found beside npm\nWhat to do: run this as "npm run provision -- NAME", with the npm that came with Node.js',
    );
  }
  const { binary } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const known = binary.napi_versions.filter((version) => version <= Number(process.versions.napi));
  const napi = String(Math.max(...known));
  const place = path.join(folder, binary.module_path.replace('{napi_build_version}', napi));
  const headers = nodeHeaders();
  await run(
    process.execPath,
    [
      gyp,
      'rebuild',
      ...(headers ? [`--nodedir=${headers}`] : []),
      `--module_name=${binary.module_name}`,
      `--module_path=${place}`,
      `--napi_build_version=${napi}`,
    ],
    { cwd: folder, remedy: 'install a C++ compiler and make (Debian: apt-get install g++ make python3)' },
  );
  fs.rmSync(path.join(folder, 'build'), { recursive: true, force: true });
}
