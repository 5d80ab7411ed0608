import { temporaryFolder, writeIdxFiles } from '#testkit';
import type { TestApi } from './test-api.js';

/** Registers a tiny dataset for jobs that no worker will train, so that its files may go; gives its id. */
export async function registerBits(api: TestApi): Promise<string> {
  const folder = await temporaryFolder('dataset');
  try {
    const source = { kind: 'path', ...(await writeIdxFiles(folder.path)) };
    const { body } = await api.post<{ id: string }>('/v1/datasets', { name: 'bits', source });
    return body.id;
  } finally {
    await folder.remove();
  }
}
