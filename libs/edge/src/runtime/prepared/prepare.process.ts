/**
 * Has onnxruntime optimise subnets and keeps what comes of it but the weights. It takes several times a subnet's memory, which a
 * process of its own gives back.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import type { SubnetTensor } from '#bundle';
import { OPTIMISED } from '../subnet-session.js';
import type { PrepareReply, PrepareRequest } from './messages.js';
import { fillTemplate, markTensors, templateOf } from './session-template.js';
import type { MarkedTensor, SessionTemplate } from './session-template.js';

/** Errors alone: the warning that such a file is for this machine is no news. */
const ERRORS = 3;

async function prepare({ model, tensors, folder }: PrepareRequest): Promise<SessionTemplate> {
  const marked = markTensors(tensors);
  const file = path.join(folder, 'optimised.ort');
  const session = await InferenceSession.create(model, {
    externalData: marked.map(({ path: name, marks }) => ({ path: name, data: new Uint8Array(marks.buffer) })),
    intraOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    optimizedModelFilePath: file,
    logSeverityLevel: ERRORS,
    extra: { session: { save_model_format: 'ORT' } },
  });
  await session.release();
  const optimised = await fs.readFile(file);
  await fs.rm(file);
  const template = templateOf(optimised, marked);
  // Whether it will be loaded is better known now than at the first switch.
  const filled = fillTemplate(template, marked.map(asItIs));
  const again = await InferenceSession.create(filled, { intraOpNumThreads: 1, extra: OPTIMISED });
  await again.release();
  return template;
}

const asItIs = ({ path: name, shape, marks }: MarkedTensor): SubnetTensor => ({
  ...{ path: name, shape, size: marks.length },
  copy: (target) => target.set(marks),
});

process.on('message', (request: PrepareRequest) => {
  prepare(request).then(
    (template) => send({ ok: true, template }),
    (error: unknown) => send({ ok: false, error: error instanceof Error ? error.message : String(error) }),
  );
});
// Whoever asked is gone.
process.on('disconnect', () => process.exit(0));

const send = (reply: PrepareReply) => process.send?.(reply);
