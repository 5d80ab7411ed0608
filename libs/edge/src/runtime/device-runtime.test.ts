import { Tensor } from 'onnxruntime-node';
import { BundleError, exportSubnet, readBundle, writeBundle } from '#bundle';
import { customNetwork, mobileNetV2, vgg16, type LayerDescription, type Network } from '#network';
import { randomFamily } from '#pruning';
import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { DeviceRuntime, type RuntimeOptions, type Switch } from './device-runtime.js';
import {
  ADDED,
  RATIOS,
  addendum,
  bundle,
  image,
  plainSession,
  plainSessions,
  points,
  strangeAddendum,
} from './small-bundle.fixture.js';
import { openOnnxSession, type OpenSession } from './subnet-session.js';
import { SwitchError } from './switch-error.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;
const plain = await plainSessions();
const opened: DeviceRuntime[] = [];
async function open(options: Partial<RuntimeOptions> = {}): Promise<DeviceRuntime> {
  const runtime = await DeviceRuntime.open({ bundle, points, prepare: false, ...options });
  opened.push(runtime);
  return runtime;
}
afterEach(() => Promise.all(opened.splice(0).map((runtime) => runtime.close())));

const small = { input: { channels: 2, height: 16, width: 16 }, classes: 5, widthMultiplier: 0.25 };
const unit = (name: string, input: string, outChannels: number): LayerDescription[] => [
  { kind: 'conv', name, input, outChannels, kernel: 3, stride: 1, padding: 1 },
  { kind: 'batch-norm', name: `${name}.bn`, input: name },
  { kind: 'relu', name: `${name}.relu`, input: `${name}.bn` },
];
const concatenating = customNetwork({
  ...{ name: 'concatenating', input: small.input, classes: small.classes },
  layers: [
    ...[...unit('a', 'input', 9), ...unit('b', 'a.relu', 7)],
    { kind: 'concat', name: 'ab', inputs: ['a.relu', 'input', 'b.relu'] },
    { kind: 'batch-norm', name: 'ab.bn', input: 'ab' },
    ...unit('c', 'ab.bn', 20),
    { kind: 'global-average-pool', name: 'pool', input: 'c.relu' },
    { kind: 'dense', name: 'classifier', input: 'pool' },
  ],
});

test.each<[string, Network]>([
  ['MobileNetV2', mobileNetV2(small)],
  ['MobileNetV2 for large images', mobileNetV2({ ...small, form: 'imagenet' })],
  ['VGG-16', vgg16(small)],
  ['a network with concatenations', concatenating],
])('subnets of %s are prepared and give what their plain ONNX files give', async (_, network) => {
  const family = randomFamily(network, [0, 0.3, 0.6], { minChannels: 2, channelMultiple: 1, seed: 2 });
  const file = writeBundle(family, {});
  const unprepared: Error[] = [];
  const runtime = await open({
    ...{ bundle: file, prepare: true, onUnprepared: (reason) => unprepared.push(reason) },
    points: family.members.map(({ ratio }) => ({ name: String(ratio), ratio })),
  });
  expect(unprepared).toEqual([]);
  const images = Float32Array.from({ length: 2 * 16 * 16 }, (_, i) => Math.sin(0.37 * i));
  for (const { ratio } of family.members) {
    await runtime.setOperatingPoint(String(ratio));
    const { files } = exportSubnet(readBundle(file), ratio, { format: 'onnx', batch: 1 });
    const session = await plainSession(files[0]!.bytes);
    const { logits } = await session.run({ input: new Tensor('float32', images, [1, 2, 16, 16]) });
    expect((await runtime.infer(images)).logits).toEqual(logits!.data);
    await session.release();
  }
});

test('where a ratio cannot be prepared it is served all the same', async () => {
  const unprepared: Error[] = [];
  process.env.NODE_OPTIONS = '--import=/nowhere/at-all.mjs';
  try {
    const runtime = await open({ prepare: true, onUnprepared: (reason) => unprepared.push(reason) });
    expect((await runtime.infer(image(1))).logits).toEqual(await plain(0, image(1)));
  } finally {
    process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;
  }
  expect(unprepared.map(({ message }) => message)).toEqual(['the process that prepares subnets ended (1)']);
});

/** Loads subnets as ever, but those that `fails` says, and counts those that are loaded. */
function countedSessions(fails: (loads: number) => boolean = () => false) {
  const count = { loads: 0, open: 0, mostOpen: 0 };
  const openSession: OpenSession = async (...args) => {
    if (fails(++count.loads)) throw new Error('out of memory');
    const session = await openOnnxSession(...args);
    count.mostOpen = Math.max(count.mostOpen, ++count.open);
    const release = async () => {
      await session.release();
      count.open--;
    };
    return { ...session, release };
  };
  return { count, openSession };
}

test.each([true, false])(
  'every operating point is served as the plain ONNX file of its ratio (prepared: %s)',
  async (prepare) => {
    const unprepared: Error[] = [];
    const runtime = await open({ prepare, onUnprepared: (reason) => unprepared.push(reason) });
    expect(unprepared).toEqual([]);
    for (const { name, ratio } of [...points, ...points.toReversed()]) {
      await runtime.setOperatingPoint(name);
      const { logits, ...rest } = await runtime.infer(image(1));
      expect(rest).toEqual({ ratio, operatingPoint: name, latencyMs: expect.any(Number) });
      expect(logits).toEqual(await plain(ratio, image(1)));
    }
  },
);

test('under load every inference is answered, by one subnet whole, through hundreds of switches', async () => {
  const { count, openSession } = countedSessions();
  const runtime = await open({ openSession, prepare: true });
  const answered = new Set<string>();
  let isSwitching = true;
  const ask = async (seed: number): Promise<void> => {
    while (isSwitching) {
      const { logits, ratio, operatingPoint } = await runtime.infer(image(seed));
      expect(points.find(({ name }) => name === operatingPoint)!.ratio).toBe(ratio);
      expect(logits).toEqual(await plain(ratio, image(seed)));
      answered.add(operatingPoint);
    }
  };
  const asking = Array.from({ length: 8 }, (_, seed) => ask(seed));
  for (let switches = 1; switches <= 300; switches++) {
    await runtime.setOperatingPoint(points[switches % points.length]!.name);
  }
  isSwitching = false;
  await Promise.all(asking);
  expect([...answered].sort()).toEqual(points.map(({ name }) => name));
  expect(count).toMatchObject({ loads: 301, mostOpen: 2 });
  await runtime.close();
  expect(count.open).toBe(0);
});

test('an inference that began before a switch is answered by the subnet before it', async () => {
  const runtime = await open();
  const early = runtime.infer(image(1));
  const switched = runtime.setOperatingPoint('p3');
  expect(await early).toMatchObject({ operatingPoint: 'p0', ratio: 0 });
  await switched;
  expect(await runtime.infer(image(1))).toMatchObject({ operatingPoint: 'p3', ratio: 0.7 });
});

test('of requests at once the last one counts, and all end with it', async () => {
  const made: Switch[] = [];
  const { count, openSession } = countedSessions();
  const runtime = await open({ openSession, onSwitch: (each) => made.push(each) });
  const requests = ['p1', 'p2', 'p1', 'p2', 'p3'].map((name) => runtime.setOperatingPoint(name));
  await Promise.all(requests);
  expect(runtime.operatingPoint).toBe('p3');
  expect(made).toEqual([{ from: 'p0', to: 'p3', ratio: 0.7, tookMs: expect.any(Number) }]);
  expect(count.loads).toBe(2);
});

test('points of the same ratio share a subnet', async () => {
  const { count, openSession } = countedSessions();
  const shared = [points[0]!, { ...points[1]!, ratio: 0 }];
  const runtime = await open({ points: shared, openSession });
  await runtime.setOperatingPoint('p1');
  expect(await runtime.infer(image(1))).toMatchObject({ operatingPoint: 'p1', ratio: 0 });
  expect(count.loads).toBe(1);
});

test('a switch that fails leaves the subnet before it serving, and the next one is made', async () => {
  const failures: SwitchError[] = [];
  const { openSession } = countedSessions((loads) => loads === 2);
  const runtime = await open({ openSession, onSwitchFailed: (error) => failures.push(error) });
  await expect(runtime.setOperatingPoint('p1')).rejects.toThrow(
    'the subnet of ratio 0.3 for operating point "p1" was not loaded: out of memory',
  );
  expect(failures).toEqual([expect.objectContaining({ operatingPoint: 'p1', ratio: 0.3 })]);
  expect((await runtime.infer(image(1))).logits).toEqual(await plain(0, image(1)));
  await runtime.setOperatingPoint('p1');
  expect((await runtime.infer(image(1))).logits).toEqual(await plain(0.3, image(1)));
});

test('a request that comes while another one fails is made all the same', async () => {
  const { openSession } = countedSessions((loads) => loads === 2);
  let runtime: DeviceRuntime | undefined = undefined;
  const asked: Promise<void>[] = [];
  const onSwitchFailed = () => asked.push(runtime!.setOperatingPoint('p2'));
  runtime = await open({ openSession, onSwitchFailed });
  await runtime.setOperatingPoint('p1');
  await Promise.all(asked);
  expect(runtime.operatingPoint).toBe('p2');
});

test('memory of a subnet that was not loaded is given back, that of the one in use is not', async () => {
  const models: Uint8Array[] = [];
  const openSession: OpenSession = (subnet, options) => {
    if (models.push(subnet.model) === 2) throw new Error('out of memory');
    return openOnnxSession(subnet, options);
  };
  const runtime = await open({ openSession, prepare: true });
  await expect(runtime.setOperatingPoint('p1')).rejects.toThrow(SwitchError);
  expect(models.map(({ length }) => length > 0)).toEqual([true, false]);
});

test('a subnet that cannot be loaded at first opens no runtime', async () => {
  const { openSession } = countedSessions(() => true);
  await expect(open({ openSession })).rejects.toThrow(SwitchError);
});

test.each([0, 1, 2, 3, 4, 5])(
  'a switch asked for %i promises after another one is made is made too',
  async (hops) => {
    let asked: Promise<void> | undefined;
    const ask = async () => {
      for (let hop = 0; hop < hops; hop++) await Promise.resolve();
      asked = runtime.setOperatingPoint('p2');
      await asked;
    };
    const asking: Promise<void>[] = [];
    const onSwitch = ({ to }: { to: string }) => void (to === 'p1' && asking.push(ask()));
    const runtime = await open({ onSwitch });
    await runtime.setOperatingPoint('p1');
    await Promise.all(asking);
    expect(runtime.operatingPoint).toBe('p2');
    await Promise.all([runtime.close(), runtime.close()]);
  },
);

describe('update', () => {
  const slower = [...points, { name: 'p4', cpuHz: 1.2e9, ratio: ADDED }];

  test("takes an addendum's ratio into use", async () => {
    const runtime = await open({ prepare: true });
    await runtime.update({ addenda: [addendum], points: slower });
    await runtime.setOperatingPoint('p4');
    const { logits, ratio } = await runtime.infer(image(2));
    expect(ratio).toBe(ADDED);
    expect(logits).toEqual(await plain(ADDED, image(2)));
    await expect(runtime.update({ addenda: [addendum] })).rejects.toThrow(/members\[0\].ratio: 0.4/);
  });

  test('changes the ratio of the point in force at once', async () => {
    const runtime = await open();
    await runtime.update({ points: points.map((point) => ({ ...point, ratio: 0.5 })) });
    expect(await runtime.infer(image(2))).toMatchObject({ operatingPoint: 'p0', ratio: 0.5 });
  });

  test('goes on at the first point where the one in force is gone', async () => {
    const runtime = await open();
    await runtime.update({ points: points.slice(2) });
    expect(runtime.operatingPoint).toBe('p2');
  });

  describe('whose subnet cannot be loaded', () => {
    const moved = slower.map((point) => ({ ...point, ratio: ADDED }));
    const change = { addenda: [addendum], points: moved };
    const told = 'the subnet of ratio 0.4 for operating point "p1" was not loaded: out of memory';

    test.each([true, false])(
      'changes nothing, and the same is made later (prepared: %s)',
      async (prepare) => {
        const { count, openSession } = countedSessions((loads) => loads === 3);
        const made: Switch[] = [];
        const runtime = await open({ openSession, prepare, onSwitch: (each) => made.push(each) });
        await runtime.setOperatingPoint('p1');
        await expect(runtime.update(change)).rejects.toThrow(told);
        expect([runtime.points, runtime.operatingPoint]).toEqual([points, 'p1']);
        expect((await runtime.infer(image(5))).logits).toEqual(await plain(0.3, image(5)));
        await expect(runtime.setOperatingPoint('p4')).rejects.toThrow(/expected one of p0, p1, p2, p3/);
        await runtime.update(change);
        expect([runtime.points, runtime.operatingPoint]).toEqual([moved, 'p1']);
        expect((await runtime.infer(image(5))).logits).toEqual(await plain(ADDED, image(5)));
        expect(made.map(({ ratio }) => ratio)).toEqual([0.3, ADDED]);
        await runtime.close();
        expect(count).toMatchObject({ loads: 4, open: 0, mostOpen: 2 });
      },
    );

    test('still changes nothing where the point in force would be gone', async () => {
      const { openSession } = countedSessions((loads) => loads === 2);
      const runtime = await open({ openSession });
      await expect(runtime.update({ points: points.slice(1) })).rejects.toThrow(SwitchError);
      expect([runtime.points, runtime.operatingPoint]).toEqual([points, 'p0']);
      await runtime.setOperatingPoint('p1');
      await runtime.setOperatingPoint('p0');
      expect(await runtime.infer(image(5))).toMatchObject({ operatingPoint: 'p0', ratio: 0 });
    });

    test('leaves a switch that was asked for before it alone', async () => {
      const runtime = await open(countedSessions((loads) => loads === 3));
      const switched = runtime.setOperatingPoint('p1');
      await expect(runtime.update(change)).rejects.toThrow(told);
      await switched;
      expect(await runtime.infer(image(5))).toMatchObject({ operatingPoint: 'p1', ratio: 0.3 });
    });

    test('stays made when a switch after it fails', async () => {
      const asked: Promise<void>[] = [];
      const runtime: DeviceRuntime = await open({
        ...countedSessions((loads) => loads === 3),
        onSwitch: () => asked.push(runtime.setOperatingPoint('p3')),
      });
      const others = points.map((point) => (point.name === 'p0' ? { ...point, ratio: 0.5 } : point));
      await runtime.update({ points: others });
      await expect(asked[0]).rejects.toThrow(/"p3" was not loaded/);
      expect(runtime.points).toBe(others);
      expect(await runtime.infer(image(5))).toMatchObject({ operatingPoint: 'p0', ratio: 0.5 });
    });
  });

  const damaged = Uint8Array.from(addendum).fill(1, addendum.length - 8);
  test.each<[string, Parameters<DeviceRuntime['update']>[0], RegExp]>([
    ['an addendum of another bundle', { addenda: [strangeAddendum], points: slower }, /manifest.base: /],
    ['a damaged addendum', { addenda: [damaged], points: slower }, /it was altered/],
    ['one good and one bad addendum', { addenda: [addendum, strangeAddendum], points: slower }, /base: /],
    [
      'a ratio that nothing has',
      { points: slower },
      /points\[4\].ratio: 0.4, expected one of .*: 0, 0.3, 0.5/,
    ],
    ['no point', { points: [] }, /points: none/],
    ['two points of a name', { points: [points[0]!, points[0]!] }, /points\[1\].name: "p0", expected a name/],
  ])('refuses %s and changes nothing', async (_, change, message) => {
    const runtime = await open();
    await expect(runtime.update(change)).rejects.toThrow(message);
    expect(runtime.points).toBe(points);
    expect((await runtime.infer(image(3))).logits).toEqual(await plain(0, image(3)));
    await runtime.update({ addenda: [addendum], points: slower });
    await runtime.setOperatingPoint('p4');
    expect(await runtime.infer(image(3))).toMatchObject({ ratio: ADDED });
  });
});

test('a dynamic batch takes as many images as a run brings', async () => {
  const runtime = await open({ batch: 'dynamic' });
  for (const count of [1, 5, 2]) {
    const { logits } = await runtime.infer(image(4, count));
    expect(logits).toEqual(await plain(0, image(4, count)));
  }
  await expect(runtime.infer(new Float32Array(100))).rejects.toThrow(
    'images: 100 values, expected a multiple of 1 x 12 x 12',
  );
});

test('refuses what it cannot use, and names it', async () => {
  const runtime = await open();
  await expect(runtime.infer(new Float32Array(7))).rejects.toThrow(
    'images: 7 values, expected 1 x 1 x 12 x 12',
  );
  await expect(runtime.setOperatingPoint('p9')).rejects.toThrow(
    'operating point "p9": expected one of p0, p1, p2, p3',
  );
  await expect(open({ operatingPoint: 'p9' })).rejects.toThrow(/expected one of p0, p1, p2, p3/);
  await expect(open({ bundle: bundle.subarray(0, 500) })).rejects.toThrow(BundleError);
  await runtime.close();
  await expect(runtime.infer(image(1))).rejects.toThrow('the runtime is closed');
  await expect(runtime.setOperatingPoint('p1')).rejects.toThrow('the runtime is closed');
});

test('closing waits for what was asked for', async () => {
  const runtime = await open();
  const answers = RATIOS.map((_, seed) => runtime.infer(image(seed)));
  const switched = runtime.setOperatingPoint('p1');
  await runtime.close();
  await switched;
  expect(await Promise.all(answers)).toHaveLength(RATIOS.length);
});
