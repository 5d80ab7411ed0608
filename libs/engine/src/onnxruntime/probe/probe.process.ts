// A process of its own that runs one small graph on a provider: a driver that crashes or hangs takes only it along.
// What libraries have to say goes to stderr; a message tells whether the result was right, or what was thrown.
import * as ort from 'onnxruntime-node';
import { GraphBuilder, add } from '#graph';
import { writeOnnx } from '#onnx';

export interface ProbeAnswer {
  /** What was thrown or wrong; nothing where the provider works. */
  readonly error?: string;
}

async function double(provider: string): Promise<void> {
  const builder = new GraphBuilder();
  const x = builder.input('x', [2]);
  builder.output('doubled', add(x, x));
  const options = { executionProviders: [provider], logSeverityLevel: 3 } as const;
  const session = await ort.InferenceSession.create(writeOnnx(builder.build()), options);
  const { doubled } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2), [2]) });
  const values = [...(doubled!.data as Float32Array)];
  if (values[0] !== 2 || values[1] !== 4) throw new Error(`it computed 2 x [1, 2] as [${values.join(', ')}]`);
}

const answer = await double(process.argv[2]!).then(
  (): ProbeAnswer => ({}),
  (error: unknown): ProbeAnswer => ({ error: error instanceof Error ? error.message : String(error) }),
);
process.send!(answer, () => process.exit(0));
