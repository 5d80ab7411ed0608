import fs from 'node:fs';
import path from 'node:path';
import { processesWith, testRedis } from '#testkit';
import { QUEUES, dataFolder, launch } from './launched.js';

/** The demo at a tiny size: every process, queue, route and file of the main job, in seconds. */
describe.each(QUEUES)('the main job with its queue on %s', (queue) => {
  test('measures, calibrates, trains, verifies, publishes and reports', async () => {
    const data = await dataFolder();
    const redis = queue === 'redis' ? await testRedis() : undefined;
    try {
      const demo = launch(
        'demo.main.js',
        ['--tiny', '--data-dir', data.path],
        redis ? { REDIS_URL: redis.url } : {},
      );
      const code = await demo.exited;
      expect(`${code}\n${code === 0 ? '' : demo.output()}`).toBe('0\n');
      expect(processesWith(data.path)).toEqual([]);

      const report = JSON.parse(fs.readFileSync(path.join(data.path, 'report.json'), 'utf8'));
      expect(report.queue).toBe(queue);
      expect(report.points.length).toBeGreaterThanOrEqual(4);
      for (const point of report.points) {
        expect(point.ratio).toBeGreaterThanOrEqual(0);
        expect(point.accuracy).toBeGreaterThan(0);
        expect(point.dense.p50Ms).toBeGreaterThan(0);
        expect(point.calibrated.p50Ms).toBeGreaterThan(0);
      }
      const cells = [...report.profile.cells, ...report.verification.cells];
      expect(new Set(cells.map((cell: any) => cell.provenance.emulated))).toEqual(new Set([true]));
      for (const cell of cells) expect(cell.samplesMs.length).toBeGreaterThanOrEqual(3);
      expect(report.stability.dense.spread).toBeGreaterThan(1);
      expect(report.version).toMatchObject({ model: 'mnist-resnet8', version: 1 });

      const html = fs.readFileSync(path.join(data.path, 'report.html'), 'utf8');
      expect(html).toContain('<svg');
      expect(html).not.toMatch(/(src|href)="https?:/);
      expect(html.toLowerCase()).toContain('emulated');
      expect(demo.output()).toMatch(/operating point/i);
    } finally {
      await redis?.stop();
      await data.remove();
    }
  });
});
