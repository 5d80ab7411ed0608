import { randomUUID } from 'node:crypto';
import type { TrackingServer } from '#mlflow';

/** What runs are logged by, whoever answers: MLflow itself, or what tests have in its place. */
export function trackingServerConformance(name: string, open: () => TrackingServer): void {
  describe(`${name} as a tracking server`, () => {
    const jobTag = () => ({ key: 'isochron.jobId', value: randomUUID() });

    const begun = async (tags: Record<string, string> = {}) => {
      const server = open();
      const experimentId = await server.experimentId('edge models');
      const run = { experimentId, name: 'digits-1', startTime: Date.UTC(2030, 0, 1), tags };
      return { server, experimentId, runId: await server.createRun(run) };
    };

    it('has one experiment of a name, however many ask for it at once', async () => {
      const name = `model ${randomUUID()}`;
      const ids = await Promise.all(Array.from({ length: 4 }, () => open().experimentId(name)));
      expect(new Set([...ids, await open().experimentId(name)]).size).toBe(1);
    });

    it('finds runs by a tag, while they have it', async () => {
      const tag = jobTag();
      const tags = { [tag.key]: tag.value };
      const { server, experimentId, runId } = await begun(tags);
      expect(await server.findRuns(experimentId, tag)).toEqual([runId]);
      expect(await server.findRuns(experimentId, jobTag())).toEqual([]);
      const other = await begun(tags);
      expect(new Set(await server.findRuns(experimentId, tag))).toEqual(new Set([runId, other.runId]));
      await server.logBatch(runId, { tags: { [tag.key]: '' } });
      expect(await server.findRuns(experimentId, tag)).toEqual([other.runId]);
    });

    it('keeps params, metrics and tags of a batch', async () => {
      const { server, runId } = await begun();
      const metric = { key: 'loss/all-in-one/joint', value: 0.25, timestamp: Date.UTC(2030, 0, 2), step: 7 };
      await server.logBatch(runId, {
        params: { 'network.family': 'resnet', 'isochron.label.gpu_H100 80': 'x'.repeat(6000) },
        metrics: [metric, { ...metric, step: 8 }],
        tags: { 'isochron.sequence': '12', 'isochron.error': '' },
      });
      expect(await server.tagOf(runId, 'isochron.sequence')).toBe('12');
      expect(await server.tagOf(runId, 'isochron.error')).toBe('');
      expect(await server.tagOf(runId, 'isochron.version')).toBeUndefined();
    });

    it('takes batches of the size that is promised', async () => {
      const { server, runId } = await begun();
      const metric = { key: 'loss', value: 1 / 3, timestamp: Date.UTC(2030, 0, 2) };
      const metrics = Array.from({ length: 1000 }, (_, step) => ({ ...metric, step }));
      await server.logBatch(runId, { metrics });
      const tags = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`tag${index}`, 'x']));
      await server.logBatch(runId, { metrics: metrics.slice(100), tags });
      await server.logBatch(runId, { params: tags });
      const tooMany = server.logBatch(runId, { metrics: [...metrics, metrics[0]!] });
      await expect(tooMany).rejects.toMatchObject({ failure: 'refused' });
    });

    it('lets a run end and go on', async () => {
      const { server, runId } = await begun();
      await server.updateRun(runId, 'FAILED', Date.UTC(2030, 0, 2));
      await server.updateRun(runId, 'RUNNING');
      await server.logBatch(runId, { tags: { a: 'b' } });
      await server.updateRun(runId, 'FINISHED', Date.UTC(2030, 0, 3));
    });

    it('refuses a param that changes, and has nothing of a run that it does not know', async () => {
      const { server, runId } = await begun();
      await server.logBatch(runId, { params: { seed: '1' } });
      await server.logBatch(runId, { params: { seed: '1' } });
      const changed = server.logBatch(runId, { params: { seed: '2' } });
      await expect(changed).rejects.toMatchObject({ failure: 'refused' });
      const unknown = randomUUID().replaceAll('-', '');
      await expect(server.tagOf(unknown, 'a')).rejects.toMatchObject({ failure: 'gone' });
      const logged = server.logBatch(unknown, { tags: { a: 'b' } });
      await expect(logged).rejects.toMatchObject({ failure: 'gone' });
    });
  });
}
