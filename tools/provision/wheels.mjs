import fs from 'node:fs';
import path from 'node:path';
import { run } from './run.mjs';

/** Wheels for this platform, whatever Python is here: only libraries are taken out of them. */
const PLATFORM_ARGUMENTS = [
  '--no-deps',
  '--only-binary=:all:',
  '--implementation=cp',
  '--python-version=3.11',
  '--platform=manylinux_2_17_x86_64',
  '--platform=manylinux2014_x86_64',
  '--platform=manylinux1_x86_64',
];

const REMEDY =
  'see that python3 has pip (Debian: apt-get install python3-pip) and reaches a package index (PyPI, or the mirror in pip.conf)';

/** Downloads wheels by `name==version` and gives their paths. */
export async function downloadWheels(requirements, folder) {
  const args = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...PLATFORM_ARGUMENTS];
  await run('python3', [...args, '--dest', folder, ...requirements], { remedy: REMEDY });
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.whl'))
    .map((file) => path.join(folder, file));
}

/** A wheel is a zip file; the parts of it that are wanted are a fifth of it. */
const EXTRACT = `
import sys, zipfile
wheel, folder, *prefixes = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(folder, [n for n in archive.namelist() if n.startswith(tuple(prefixes))])
`;

/** Unpacks what lies under any of the prefixes. */
export async function extract(wheel, folder, prefixes) {
  const remedy = 'see that the disk has room (5 GB do for all) and try again';
  await run('python3', ['-c', EXTRACT, wheel, folder, ...prefixes], { remedy });
}

/** What a wheel asks for under an extra, as `name==version`. */
export async function requirementsOf(wheel, extra) {
  const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    name = next(n for n in archive.namelist() if n.endswith('.dist-info/METADATA'))
    sys.stdout.write(archive.read(name).decode())
`;
  const metadata = await run('python3', ['-c', script, wheel], { remedy: 'try again' });
  const wanted = new RegExp(
    `^Requires-Dist: ([\\w-]+) ?\\(?==([\\w.]+)\\)? ?; extra == ["']${extra}["']$`,
    'gm',
  );
  return [...metadata.matchAll(wanted)].map(([, name, version]) => `${name}==${version}`);
}
