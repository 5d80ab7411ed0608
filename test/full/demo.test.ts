import fs from 'node:fs';
import path from 'node:path';
import { processesWith } from '#testkit';
import { dataFolder, launch } from '../e2e/launched.js';

const TIMEOUT_MS = 600_000;

test(
  'the demo at its real size keeps latency steadier than the dense network does',
  async () => {
    const data = await dataFolder();
    const demo = launch('demo.main.js', ['--data-dir', data.path]);
    try {
      const code = await demo.exited;
      expect(`${code}\n${code === 0 ? '' : demo.output()}`).toBe('0\n');
      expect(processesWith(data.path)).toEqual([]);

      const report = JSON.parse(fs.readFileSync(path.join(data.path, 'report.json'), 'utf8'));
      expect(report.points.length).toBeGreaterThanOrEqual(4);
      expect(report.stability.dense.spread).toBeGreaterThan(report.stability.calibrated.spread);
    } finally {
      demo.process.kill('SIGKILL'); // when the assertions came too early; no signal reaches a process that has ended
      await data.remove();
    }
  },
  TIMEOUT_MS,
);
