import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { SubnetModels } from '#bundle';
import { childEnvironment, freeAtOnce } from '#runtime';
import type { PrepareReply, PrepareRequest } from './messages.js';
import type { SessionTemplate } from './session-template.js';

/** For one ratio, which takes tenths of a second. */
const LONGEST_MS = 60_000;
/** Beside this file and of its kind: JavaScript in a build, TypeScript where tests run the sources. */
const ENTRY = path.join(import.meta.dirname, `prepare.process${path.extname(import.meta.filename)}`);

/**
 * Templates of ratios' sessions, made in a process of its own.
 * @throws Error when that process ends too soon, or onnxruntime made something that is not understood.
 */
export async function prepareTemplates(
  models: SubnetModels,
  ratios: readonly number[],
): Promise<Map<number, SessionTemplate>> {
  const templates = new Map<number, SessionTemplate>();
  if (ratios.length === 0) return templates;
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'isochron-runtime-'));
  const child = fork(ENTRY, [], {
    ...{ stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: 'advanced' },
    env: childEnvironment({}),
  });
  try {
    for (const ratio of ratios) templates.set(ratio, await ask(child, requestFor(models, ratio, folder)));
    return templates;
  } finally {
    child.kill('SIGKILL');
    await fs.rm(folder, { recursive: true, force: true });
  }
}

function requestFor(models: SubnetModels, ratio: number, folder: string): PrepareRequest {
  const { model, memory } = models.at(ratio);
  freeAtOnce(memory);
  return { model, tensors: models.tensors(ratio).map(({ path, shape }) => ({ path, shape })), folder };
}

async function ask(child: ChildProcess, request: PrepareRequest): Promise<SessionTemplate> {
  const ended = new AbortController();
  let late: NodeJS.Timeout | undefined;
  const reply = new Promise<PrepareReply>((resolve, reject) => {
    const fail = (how: unknown) =>
      reject(new Error(`the process that prepares subnets ended (${String(how)})`));
    late = setTimeout(() => fail(`no answer within ${LONGEST_MS / 1000} s`), LONGEST_MS);
    child.once('message', resolve);
    once(child, 'exit', ended).then(([code, signal]) => fail(signal ?? code), fail);
    child.send(request, (error) => error && fail(error.message));
  });
  try {
    const answer = await reply;
    if (answer.ok) return answer.template;
    throw new Error(answer.error);
  } finally {
    clearTimeout(late);
    ended.abort();
  }
}
