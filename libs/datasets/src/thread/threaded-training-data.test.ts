import { rm, truncate } from 'node:fs/promises';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS, writeIdxFiles } from '#testkit';
import { loadIdxDataset } from '../idx/idx-dataset.js';
import {
  createThreadedTrainingData,
  createTrainingData,
  DatasetError,
  type ImageDataset,
  type ThreadedTrainingData,
} from '../index.js';

const OPTIONS = { batchSize: 4, seed: 3, recalibrationBatches: 1, augmentation: { crop: 2, flip: true } };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let dataset: ImageDataset;
let data: ThreadedTrainingData;
beforeAll(async () => {
  folder = await temporaryFolder('threaded');
  dataset = await loadIdxDataset(await writeIdxFiles(folder.path, { train: 100 }));
  data = createThreadedTrainingData(dataset, OPTIONS, [TYPESCRIPT_NODE_OPTIONS]);
});
afterAll(async () => {
  await data.close();
  await folder.remove();
});

async function all<T>(batches: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const batch of batches) taken.push(batch);
  return taken;
}

describe('batches made by a thread', () => {
  it('have the bits of those made here, from any step on', async () => {
    const here = createTrainingData(dataset, OPTIONS);
    for (const epoch of [0, 1])
      expect(await all(data.trainBatches(epoch))).toEqual([...here.trainBatches(epoch)]);
    const options = { fromStep: 20 };
    expect(await all(data.trainBatches(1, options))).toEqual([...here.trainBatches(1, options)]);
  });

  it('are handed over however long the taker keeps its own thread busy', async () => {
    let taken = 0;
    for await (const { labels } of data.trainBatches(0)) {
      taken += labels.length;
      const until = performance.now() + 2;
      while (performance.now() < until);
    }
    expect(taken).toBe(100);
  });

  it('may be left in the middle of an epoch', async () => {
    for await (const { labels } of data.trainBatches(0)) if (labels.length > 0) break;
    expect(await all(data.trainBatches(1))).toHaveLength(25);
  });

  it('of one epoch end when another one is begun', async () => {
    const first = data.trainBatches(0)[Symbol.asyncIterator]();
    await first.next();
    expect(await all(data.trainBatches(1))).toHaveLength(25);
    await expect(first.next()).rejects.toThrow('epoch 1 was begun before this one was read to its end');
  });

  it('come to an end, with the reason, when their file goes away', async () => {
    const files = await writeIdxFiles(`${folder.path}/gone`, { train: 100 });
    const filed = await loadIdxDataset(files, 10);
    const going = createThreadedTrainingData(filed, OPTIONS, [TYPESCRIPT_NODE_OPTIONS]);
    await rm(files.trainImages);
    await expect(all(going.trainBatches(0))).rejects.toThrow(/ENOENT.*trainImages/);
    await going.close();
  });

  it('come to an end with a DatasetError when their file becomes shorter', async () => {
    const files = await writeIdxFiles(`${folder.path}/shrinking`, { train: 100 });
    const filed = await loadIdxDataset(files, 10);
    const shrinking = createThreadedTrainingData(filed, OPTIONS, [TYPESCRIPT_NODE_OPTIONS]);
    await truncate(files.trainImages, 16);
    const error: unknown = await all(shrinking.trainBatches(0)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatasetError);
    expect(error).toMatchObject({
      where: { file: files.trainImages, byteOffset: expect.any(Number) },
      message: expect.stringMatching(/trainImages at byte \d+: the file has become shorter/),
    });
    await shrinking.close();
  });

  it('are refused once the thread is closed, also to who waits for one', async () => {
    const closed = createThreadedTrainingData(dataset, OPTIONS, [TYPESCRIPT_NODE_OPTIONS]);
    const waiting = all(closed.trainBatches(0));
    const refused = expect(waiting).rejects.toThrow('the thread that makes batches was closed');
    await closed.close();
    await refused;
    await expect(all(closed.trainBatches(0))).rejects.toThrow('was closed');
  });
});
