/** Copies, publishes and fetches bundles, in turns, over one connection; then asks for the first byte of one again and again. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { answerOrder } from '../service/child.js';
import { copy, copyHashed, TransferClient } from './transfer-client.js';

export interface TransfersOrder {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
  /** A bundle for every round, behind those of a first round that is not counted. */
  readonly files: readonly string[];
  readonly firstBytes: number;
}

export interface TransfersResult {
  readonly copyMs: readonly number[];
  readonly hashedCopyMs: readonly number[];
  readonly publishMs: readonly number[];
  readonly fetchMs: readonly number[];
  readonly firstByteMs: readonly number[];
}

const ALIAS = 'production';

answerOrder<TransfersOrder, TransfersResult>(async ({ url, headers, model, files, firstBytes }) => {
  const client = await TransferClient.open(url, headers);
  const latest = `/v1/models/${model}/aliases/latest/bundle`;
  const times = { copyMs: [], hashedCopyMs: [], publishMs: [], fetchMs: [] } as Record<Contestant, number[]>;
  for (const [round, file] of files.entries()) {
    const contestants: readonly [Contestant, (target: string) => Promise<void>][] = [
      ['copyMs', (target) => copy(file, target)],
      ['publishMs', () => client.publish(model, file)],
      ['hashedCopyMs', (target) => copyHashed(file, target)],
      ['fetchMs', (target) => client.fetchTo(latest, target)],
    ];
    for (const [name, run] of contestants) {
      // Every one writes a new file, as publishing does; the last round's is gone by then.
      const target = path.join(path.dirname(file), `${name}-${round}`);
      const startedMs = performance.now();
      await run(target);
      if (round > 0) times[name].push(performance.now() - startedMs);
      await fs.rm(target, { force: true });
    }
  }
  await pointTo({ url, headers, model }, files.length);
  const firstByteMs: number[] = [];
  const route = `/v1/models/${model}/aliases/${ALIAS}/bundle`;
  for (let i = 0; i < firstBytes; i++) firstByteMs.push(await client.firstByteMs(route));
  client.close();
  return { ...times, firstByteMs };
});

type Contestant = Exclude<keyof TransfersResult, 'firstByteMs'>;

async function pointTo(
  { url, headers, model }: Pick<TransfersOrder, 'url' | 'headers' | 'model'>,
  version: number,
): Promise<void> {
  const response = await fetch(new URL(`/v1/models/${model}/aliases/${ALIAS}`, url), {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ version }),
  });
  if (!response.ok) throw new Error(`moving the alias answered ${response.status}: ${await response.text()}`);
}
