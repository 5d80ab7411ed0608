import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readBundle } from '#bundle';
import { temporaryFolder } from '#testkit';
import { aListener, aTrainingOrder, TRAINING_PROCESS } from './testing/training-orders.js';
import type { TrainingOrder, TrainingResult } from './training-messages.js';
import { runInTrainingProcess } from './training-process.js';

const run = (order: TrainingOrder): Promise<TrainingResult> =>
  runInTrainingProcess(
    order,
    {
      ...{ signal: new AbortController().signal, stop: new AbortController().signal },
      listener: aListener(),
    },
    TRAINING_PROCESS,
  );

describe('deriving ratios of what was trained before', () => {
  let folder: { path: string; remove(): Promise<void> };
  let order: TrainingOrder;
  let trained: TrainingResult;
  beforeAll(async () => {
    folder = await temporaryFolder('adjustment');
    order = await aTrainingOrder(folder.path);
    trained = await run(order);
  });
  afterAll(() => folder.remove());

  const adjust = (ratios: number[], changes: Partial<NonNullable<TrainingOrder['adjustment']>> = {}) =>
    run({
      ...order,
      adjustment: { bundle: order.bundleFile, result: trained, ratios, dropped: [], ...changes },
      bundleFile: path.join(folder.path, 'adjusted.safetensors'),
    });

  it('adds them to result and bundle, and leaves what was trained as it is', async () => {
    const adjusted = await adjust([0.2, 0.35]);
    expect(adjusted.ratios.map(({ ratio, derived }) => [ratio, derived])).toEqual([
      [0, false],
      [0.2, true],
      [0.35, true],
      [0.5, false],
    ]);
    expect(adjusted.ratios.filter(({ derived }) => !derived)).toEqual(trained.ratios);
    expect(adjusted).toMatchObject({ ...trained, ratios: expect.anything() as unknown });
    const [dense, some, more] = adjusted.ratios;
    expect(some!.macs).toBeLessThan(dense!.macs);
    expect(more!.macs).toBeLessThan(some!.macs);
    for (const { accuracy } of adjusted.ratios) expect(accuracy).toBeGreaterThanOrEqual(0);
    const read = async (file: string) => readBundle(await readFile(file)).family;
    const before = await read(order.bundleFile);
    const after = await read(path.join(folder.path, 'adjusted.safetensors'));
    expect(after.parameters).toEqual(before.parameters);
    expect(after.members.map(({ ratio }) => ratio)).toEqual([0, 0.2, 0.35, 0.5]);
  });

  it('drops what was derived in vain', async () => {
    const result = await adjust([0.2, 0.35]);
    const bundle = path.join(folder.path, 'before.safetensors');
    await copyFile(path.join(folder.path, 'adjusted.safetensors'), bundle);
    const adjusted = await adjust([0.3], { bundle, result, dropped: [0.2] });
    expect(adjusted.ratios.map(({ ratio }) => ratio)).toEqual([0, 0.3, 0.35, 0.5]);
    const { family } = readBundle(await readFile(path.join(folder.path, 'adjusted.safetensors')));
    expect(family.members.map(({ ratio }) => ratio)).toEqual([0, 0.3, 0.35, 0.5]);
  });

  it('says that a bundle is damaged', async () => {
    const bundle = path.join(folder.path, 'damaged.safetensors');
    await writeFile(bundle, 'no bundle');
    await expect(adjust([0.2], { bundle })).rejects.toMatchObject({ code: 'artifact_corrupt' });
  });
});
