import { temporaryFolder } from '#testkit';
import { runInfer } from './run-infer.js';
import { smallFolder } from './small-folder.fixture.js';

test('where subnets cannot be prepared a warning says why, and the model runs', async () => {
  const temporary = await temporaryFolder('infer');
  const { folder } = await smallFolder(temporary.path);
  const said = { out: '', err: '' };
  const streams = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
  };
  const options = { folder, images: 'random', count: 1, point: undefined, follow: false, interval: 0 };
  const { NODE_OPTIONS } = process.env;
  process.env.NODE_OPTIONS = '--import=/nowhere/at-all.mjs';
  try {
    const rest = { threads: 1, json: false, sysfs: '/nowhere' };
    await runInfer({ ...options, ...rest }, streams, new AbortController().signal);
  } finally {
    if (NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = NODE_OPTIONS;
    await temporary.remove();
  }
  expect(said.err).toBe(
    'warning: switches take longer, subnets were not prepared: the process that prepares subnets ended (1)\n',
  );
  expect(said.out).toMatch(/summary: p {2}ratio 0 {2}1 runs/);
});
