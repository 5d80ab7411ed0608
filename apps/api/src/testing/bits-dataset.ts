import { aJobRequest, temporaryFolder, writeIdxFiles } from '#testkit';
import { startTestApi, type TestApi } from './test-api.js';

/** The API of tests about jobs. */
export interface JobsApi extends TestApi {
  /** Of a tiny dataset. */
  readonly datasetId: string;
  /** What POST /v1/jobs takes: a job that fits the dataset. */
  jobRequest(changes?: object): object;
}

export async function startJobsApi(): Promise<JobsApi> {
  const api = await startTestApi();
  const datasetId = await registerBits(api);
  const training = { batchSize: 16, channelMultiple: 1 };
  return {
    ...api,
    datasetId,
    jobRequest: (changes = {}) => ({ ...aJobRequest({ datasetId, training }), ...changes }),
  };
}

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
