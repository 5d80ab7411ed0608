import fs from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** Where the engine looks too (libs/engine: find-tensorflow.ts). */
export function provisionedFolder(name) {
  return path.join(ROOT, 'provisioned', name);
}

/** How to run the npm that belongs to this Node.js: the one that runs us, or the one in the path. */
export function npmCommand() {
  const script = process.env.npm_execpath;
  return script && /\.c?js$/.test(script) ? [process.execPath, script] : ['npm'];
}

/** npm's own copy of node-gyp, beside whichever npm there is. */
export function nodeGyp() {
  const prefix = path.resolve(process.execPath, '../..');
  const npms = [
    process.env.npm_execpath && path.resolve(process.env.npm_execpath, '../..'),
    path.join(prefix, 'lib/node_modules/npm'),
  ];
  const candidates = npms
    .filter(Boolean)
    .map((npm) => path.join(npm, 'node_modules/node-gyp/bin/node-gyp.js'));
  return candidates.find((file) => fs.existsSync(file));
}

/** The folder with `include/node`: else node-gyp downloads Node.js' headers. */
export function nodeHeaders() {
  const given = process.env.npm_config_nodedir;
  const folders = [given, path.resolve(fs.realpathSync(process.execPath), '../..')];
  return folders.find((folder) => folder && fs.existsSync(path.join(folder, 'include/node/node_api.h')));
}
