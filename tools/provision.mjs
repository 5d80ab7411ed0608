// Brings the engines that npm's registry does not carry: TensorFlow for TensorFlow.js, and ONNX Runtime's CUDA provider.
import { parseArgs } from 'node:util';
import { provisionCuda } from './provision/cuda.mjs';
import { ProvisionError } from './provision/provision-error.mjs';
import { provisionTensorFlow } from './provision/tensorflow.mjs';

const HELP = `Usage: npm run provision -- NAME...

Engines that npm ci leaves out, since they are large and come from elsewhere (docs/engines.md, docs/adr/0008):
  tensorflow-cpu   TensorFlow.js on TensorFlow's own kernels. Takes the library out of PyPI's TensorFlow wheel (200 MB)
                   and compiles @tensorflow/tfjs-node against it; Linux on x64
  tensorflow-gpu   the same with CUDA: the library and NVIDIA's, cuDNN too, from PyPI (2.3 GB); needs a card and its driver
                   to run, not to be provisioned
  cuda             ONNX Runtime's CUDA provider, by onnxruntime-node's own install script: from NuGet, outside of npm

Options:
  --force   provision again what is there already

The first two need python3 with pip, a C++ compiler and make. They go to provisioned/NAME, which package.json and npm ci
know nothing of; delete the folder to be rid of one. What is there already is left alone. Ends by running every op on
what it brought where that is possible (build first: npm run build).
`;

const PROVISIONERS = {
  'tensorflow-cpu': (options) => provisionTensorFlow('tensorflow-cpu', options),
  'tensorflow-gpu': (options) => provisionTensorFlow('tensorflow-gpu', options),
  cuda: provisionCuda,
};

class UsageError extends Error {}

async function main() {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' }, force: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (values.help) return process.stdout.write(HELP);
  const unknown = positionals.filter((name) => !Object.hasOwn(PROVISIONERS, name));
  if (positionals.length === 0 || unknown.length > 0) {
    const given = unknown.join(', ') || 'nothing';
    throw new UsageError(`expected ${Object.keys(PROVISIONERS).join(', ')}, got ${given}\n\n${HELP}`);
  }
  for (const name of new Set(positionals)) await PROVISIONERS[name](values);
}

try {
  await main();
} catch (error) {
  const expected = error instanceof ProvisionError || error instanceof UsageError;
  const usage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${expected || usage ? error.message : error.stack}\n`);
  process.exitCode = usage ? 2 : 1;
}
