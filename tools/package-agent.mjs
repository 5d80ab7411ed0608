// Makes dist-agent/: the agent as a few files that need nothing of this repository, and archives of it that install
// offline, with onnxruntime-node and its native library inside. Run `npm run build` first.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BUILD_FILE } from './build/run-tool.mjs';
import { archive } from './package-agent/archive.mjs';
import { bundle } from './package-agent/bundle.mjs';
import { declarations } from './package-agent/declarations.mjs';
import { agentManifest, readme, thirdPartyNotice } from './package-agent/documents.mjs';

const ARCHITECTURES = ['x64', 'arm64'];
const HELP = `Usage: npm run package:agent [-- --out FOLDER] [--arch ARCH]...

Makes the agent's package in dist-agent, or FOLDER, with archives for Linux on ${ARCHITECTURES.join(' and ')}, or on each ARCH.
`;

const ROOT = path.resolve(import.meta.dirname, '..');

class UsageError extends Error {}

async function main() {
  const { values } = parse();
  if (values.help) return void process.stdout.write(HELP);
  const unknown = values.arch.find((arch) => !ARCHITECTURES.includes(arch));
  if (unknown !== undefined)
    throw new UsageError(`--arch "${unknown}", expected ${ARCHITECTURES.join(' or ')}`);
  const out = path.resolve(values.out);
  fs.rmSync(out, { recursive: true, force: true });
  fs.mkdirSync(out, { recursive: true });
  const packages = await bundle(ROOT, out);
  declarations(ROOT, out, 'runtime', 'libs/edge/src/runtime/library.ts');
  const manifest = agentManifest(ROOT);
  write(out, 'package.json', `${JSON.stringify(manifest, null, 2)}\n`);
  fs.copyFileSync(BUILD_FILE, path.join(out, path.basename(BUILD_FILE)));
  write(out, 'README.md', readme(manifest));
  write(out, 'THIRD-PARTY.md', thirdPartyNotice(ROOT, packages));
  fs.copyFileSync(path.join(ROOT, 'LICENSE'), path.join(out, 'LICENSE'));
  for (const arch of values.arch) {
    const file = archive(ROOT, out, manifest, arch);
    const mebibytes = (fs.statSync(file).size / 2 ** 20).toFixed(1);
    process.stdout.write(`${path.relative(process.cwd(), file)} (${mebibytes} MiB)\n`);
  }
}

function parse() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', short: 'h' },
        out: { type: 'string', default: path.join(ROOT, 'dist-agent') },
        arch: { type: 'string', multiple: true, default: ARCHITECTURES },
      },
    });
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function write(folder, name, text) {
  fs.writeFileSync(path.join(folder, name), text);
}

main().catch((error) => {
  process.stderr.write(error instanceof UsageError ? `${error.message}\n\n${HELP}` : `${error.stack}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
