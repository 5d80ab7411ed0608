import fs from 'node:fs';
import path from 'node:path';

const readJson = (...parts) => JSON.parse(fs.readFileSync(path.join(...parts), 'utf8'));

export function agentManifest(root) {
  const { version, license, engines, dependencies } = readJson(root, 'package.json');
  return {
    name: 'isochron-agent',
    version,
    description:
      'Measures networks on a device for an Isochron server, and runs what was published for the device.',
    license,
    type: 'module',
    bin: { 'isochron-agent': 'isochron-agent.mjs' },
    exports: {
      './runtime': { types: './runtime.d.mts', default: './runtime.mjs' },
      './package.json': './package.json',
    },
    engines,
    dependencies: { 'onnxruntime-node': dependencies['onnxruntime-node'] },
  };
}

export function readme({ version, engines, dependencies }) {
  return `# Isochron agent ${version}

Runs on a device, holds each of its operating points, times networks there and uploads the samples to an Isochron server; and
fetches and runs what was published for the device.
Needs Node.js ${engines.node}; onnxruntime-node ${dependencies['onnxruntime-node']} runs the networks.

Install an archive for Linux, which has everything inside and asks no registry:

    npm install --global ./isochron-agent-${version}-linux-x64.tgz     (or -linux-arm64.tgz)

or unpack it anywhere and start it without npm:

    tar -xzf isochron-agent-${version}-linux-x64.tgz && ./package/isochron-agent.mjs --help

Then:

    isochron-agent points                                   what this device offers; changes nothing
    isochron-agent enrol --server URL --key KEY             registers it
    isochron-agent run                                      measures, task after task
    isochron-agent pull MODEL --folder DIR                  fetches what this device is to run of a model
    isochron-agent infer --folder DIR --follow              runs it, and follows the clocks

An application runs models itself by what the package exports, or the file \`runtime.mjs\` by its path:

    import { BundleFolder, DeviceRuntime, kernelClocks } from 'isochron-agent/runtime';

\`isochron-agent.mjs\` is the agent, \`runtime.mjs\` the library for applications, \`measured.process.mjs\` runs networks,
\`prepare.process.mjs\` prepares those of a bundle and \`guardian.process.mjs\` puts clocks back when the agent is killed: the five files
belong into one folder. What is written where, and how it is put back, is in docs/agent.md of Isochron, the library in
docs/device-runtime.md.
`;
}

/** What is inside the bundled files, with the licences' texts. @param packages folders, relative to the root */
export function thirdPartyNotice(root, packages) {
  const sections = packages.map((folder) => {
    const { name, version, license = 'see below' } = readJson(root, folder, 'package.json');
    const file = fs.readdirSync(path.join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text =
      file === undefined ? '' : `\n\n${fs.readFileSync(path.join(root, folder, file), 'utf8').trim()}`;
    return `## ${name} ${version} (${license})${text}\n`;
  });
  return `# Packages inside the bundled files\n\n${sections.join('\n')}`;
}
