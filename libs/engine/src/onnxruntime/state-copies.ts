import * as ort from 'onnxruntime-node';
import { GraphBuilder, type NamedValue } from '#graph';
import { writeOnnx } from '#onnx';

type OrtTensors = Readonly<Record<string, ort.Tensor>>;

/**
 * Moves state tensors between the CPU's memory and a GPU's. onnxruntime-node leaves a session's outputs on the GPU when
 * asked to, and takes them as inputs, but cannot read them (`getData` of 1.30 ends the process): so sessions that do
 * nothing but copy carry them over. They are made when first needed.
 */
export class StateCopies {
  readonly #model: Uint8Array;
  readonly #options: ort.InferenceSession.SessionOptions;
  readonly #names: ReadonlyMap<string, string>;
  readonly #sessions = new Map<ort.Tensor.DataLocation, Promise<ort.InferenceSession>>();

  /** @param options of the sessions that the tensors come from and go to */
  constructor(states: readonly NamedValue[], options: ort.InferenceSession.SessionOptions) {
    const builder = new GraphBuilder();
    // Numbered, since no suffix is sure not to be another state's name.
    this.#names = new Map(states.map(({ name }, i) => [name, String(i)]));
    for (const [i, { shape }] of states.entries()) {
      builder.output(`to${i}`, builder.input(`from${i}`, shape));
    }
    this.#model = writeOnnx(builder.build());
    this.#options = options;
  }

  /** Copies of all the states in a place; the originals stay the caller's to dispose of. */
  async copyTo(location: 'cpu' | 'gpu-buffer', tensors: OrtTensors): Promise<Record<string, ort.Tensor>> {
    if (this.#names.size === 0) return {};
    const session = await this.#sessionTo(location);
    const feeds = [...this.#names].map(([name, i]) => [`from${i}`, tensors[name]!] as const);
    const copies = await session.run(Object.fromEntries(feeds));
    return Object.fromEntries(
      [...this.#names].map(([name, i]) => [name, copies[`to${i}`] as ort.Tensor] as const),
    );
  }

  async release(): Promise<void> {
    const sessions = await Promise.all(this.#sessions.values());
    this.#sessions.clear();
    await Promise.all(sessions.map((session) => session.release()));
  }

  #sessionTo(location: ort.Tensor.DataLocation): Promise<ort.InferenceSession> {
    const made = this.#sessions.get(location);
    if (made) return made;
    const options = { ...this.#options, preferredOutputLocation: location };
    const session = ort.InferenceSession.create(this.#model, options);
    this.#sessions.set(location, session);
    return session;
  }
}
