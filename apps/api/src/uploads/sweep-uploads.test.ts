import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import { startTestApi } from '../testing/test-api.js';

const HOUR_S = 60 * 60;

test('an API that starts removes what another one left a day ago, and nothing that may be in use', async () => {
  const folder = await temporaryFolder('uploads');
  const put = async (name: string, hours: number) => {
    const entry = path.join(folder.path, name);
    if (name.startsWith('packed-')) {
      await mkdir(entry);
      await writeFile(path.join(entry, 'train-images-idx4-ubyte'), 'x');
    } else await writeFile(entry, 'x');
    const time = Date.now() / 1000 - hours * HOUR_S;
    await utimes(entry, time, time);
  };
  const [old, young] = ['a'.repeat(32), 'b'.repeat(32)];
  for (const name of [old, 'packed-old', 'notes.txt']) await put(name, 25);
  for (const name of [young, 'packed-young']) await put(name, 23);
  const api = await startTestApi({ uploads: { folder: folder.path } });
  try {
    expect((await readdir(folder.path)).sort()).toEqual([young, 'notes.txt', 'packed-young']);
  } finally {
    await api.close();
    await folder.remove();
  }
});
