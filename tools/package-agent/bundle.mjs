import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** The agent, the runtime for applications, and the processes that they start: those are looked for beside them, by these names. */
const ENTRIES = {
  'isochron-agent': 'apps/agent/src/main.js',
  runtime: 'libs/edge/src/runtime/library.js',
  'measured.process': 'libs/edge/src/measured/measured.process.js',
  'guardian.process': 'libs/edge/src/guardian/guardian.process.js',
  'prepare.process': 'libs/edge/src/runtime/prepared/prepare.process.js',
};

/** CommonJS packages in the bundle ask for these. */
const COMMONJS = `import { createRequire as requireFor } from 'node:module';
const require = requireFor(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`;

/**
 * A line that the shell runs and JavaScript takes for a string with a comment behind it. glibc reads the setting when a process starts,
 * so that the agent cannot make it itself; only `infer` is given it, because measured latencies are those of a process without.
 */
const AGENT_START = `#!/bin/sh
':' //; [ "$1" = infer ] && [ "$(uname)" = Linux ] && export MALLOC_MMAP_THRESHOLD_="\${MALLOC_MMAP_THRESHOLD_-131072}"; exec node "$0" "$@"
`;

/**
 * Writes one file per entry into `out`; onnxruntime-node, which is native, stays outside.
 * @returns the folders of the npm packages that went into them
 */
export async function bundle(root, out) {
  const entryPoints = Object.entries(ENTRIES).map(([name, file]) => ({
    out: name,
    in: path.join(root, 'dist', file),
  }));
  const { metafile } = await build({
    entryPoints,
    outdir: out,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['onnxruntime-node'],
    banner: { js: COMMONJS },
    metafile: true,
    logLevel: 'error',
  });
  const agent = path.join(out, 'isochron-agent.mjs');
  fs.writeFileSync(agent, AGENT_START + fs.readFileSync(agent, 'utf8'));
  fs.chmodSync(agent, 0o755);
  return packagesOf(Object.keys(metafile.inputs));
}

function packagesOf(inputs) {
  const folders = inputs.flatMap((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []);
  return [...new Set(folders)].sort();
}
