import { temporaryFolder, writeIdxFiles } from '#testkit';
import { findPyTorchPeers } from '../engine/pytorch-peer.js';
import type { RunProgress } from './accuracy-run.js';
import { pyTorchRun, pyTorchSettings, type PyTorchRunSettings } from './pytorch-usnet.js';
import type { OwnRunSettings } from './run-settings.js';
import { QUICK_SCALE } from './scale.js';

const [peer] = await findPyTorchPeers(['/usr/bin/python3'], (line) => console.log(line));
const anyPeer = peer ?? { file: 'python3', torch: '0', python: '0', cuda: null };
const data = { input: { channels: 1, height: 8, width: 8 }, classes: 2 };
const uniform: OwnRunSettings = {
  ...{ network: QUICK_SCALE.network, ratios: [0, 0.5], untrainedRatios: [] },
  dataset: { digest: '', trainImages: 192, testImages: 48 },
  options: { ...QUICK_SCALE.options['uniform-slimmable'], warmupEpochs: 1, jointEpochs: 3 },
  engine: { name: 'onnxruntime', provider: 'cpu', version: '1', threads: 1 },
  ...{ cpuClass: '', isochron: '0.1.0', code: 'a' },
};
const settings = pyTorchSettings(uniform, anyPeer, data);
const order = (changes: Partial<PyTorchRunSettings> = {}, paths: Readonly<Record<string, string>> = {}) => ({
  ...{ seed: 1, data, files: { format: 'idx' as const, paths } },
  settings: { ...settings, ...changes },
});

describe('the slimmable network in PyTorch', () => {
  (peer ? it.each([true, false]) : it.skip.each([true]))(
    'learns bright from dark at both widths, BatchNorm private: %s',
    async (privateBatchNorm) => {
      const folder = await temporaryFolder();
      try {
        const paths = await writeIdxFiles(folder.path, { train: 200, test: 48 });
        const told: RunProgress[] = [];
        const run = await pyTorchRun(anyPeer, order({ privateBatchNorm }, paths))((each) => told.push(each));
        expect(run).toMatchObject({ method: 'pytorch-usnet', seed: 1, epochs: 4, untrained: [] });
        expect(run.ratios.map(({ ratio, accuracy }) => [ratio, accuracy])).toEqual([
          [0, 1],
          [0.5, 1],
        ]);
        const [dense, half] = run.ratios.map(({ macs }) => macs) as [number, number];
        expect(half).toBeLessThanOrEqual(dense / 2);
        // Three passes over 192 images: one dense epoch and three of both widths.
        expect(run.trainingMacs).toBe(3 * 192 * (dense + 3 * (dense + half)));
        expect(told[0]).toMatchObject({ epoch: 1, epochs: 4 });
      } finally {
        await folder.remove();
      }
    },
  );

  (peer ? it : it.skip)('says what is wrong with its data', async () => {
    const run = pyTorchRun(anyPeer, order({}, { trainImages: '/nowhere' }));
    await expect(run(() => {})).rejects.toThrow('/nowhere');
  });

  it('refuses what it does not have', () => {
    const { options } = settings;
    const run = (changes: Partial<PyTorchRunSettings>) => () => pyTorchRun(anyPeer, order(changes));
    expect(run({ options: { ...options, nesterov: true, maskEpochs: 1 } })).toThrow(
      /not have nesterov, maskEpochs|not have maskEpochs, nesterov/,
    );
    const otherRatios = { ...uniform, ratios: [0.3, 0.5] };
    expect(() => pyTorchSettings(otherRatios, anyPeer, data)).toThrow('ratio 0 has to be first');
  });

  it("is the same run whatever Isochron's code and version are, as long as its widths are", () => {
    const others = { ...uniform, code: 'b', isochron: '0.2.0', engine: { ...uniform.engine, version: '2' } };
    expect(pyTorchSettings(others, anyPeer, data)).toEqual(settings);
    expect(settings.engine['code']).toMatch(/^[0-9a-f]{64}$/);
    const coarser = { ...uniform, options: { ...uniform.options, channelMultiple: 2 } };
    expect(pyTorchSettings(coarser, anyPeer, data).widths).not.toEqual(settings.widths);
  });
});
