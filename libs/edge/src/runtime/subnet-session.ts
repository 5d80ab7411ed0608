import { InferenceSession, Tensor } from 'onnxruntime-node';

/** What a session is made from. */
export interface LoadableSubnet {
  readonly model: Uint8Array;
  /** Tensors beside the model, by location. */
  readonly weights: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** In onnxruntime's own format, with nothing left to optimise: a session reads it where it lies, for as long as it is there. */
  readonly isOptimised: boolean;
  /** Gives the memory back; of any other model once a session is made, which copies. */
  readonly free: () => void;
}

/** A subnet that is loaded and runs one batch of images after the other. */
export interface SubnetSession {
  /**
   * @param images [batch, channels, height, width], left alone until the answer is there
   * @returns logits [batch, classes]
   */
  run(images: Float32Array): Promise<Float32Array>;
  /** Gives its memory back. */
  release(): Promise<void>;
}

export interface SessionOptions {
  /** Sides of one image: channels, height, width. */
  readonly image: readonly number[];
  /** Threads that a network runs on. */
  readonly threads: number;
}

/** Loads a subnet. What it throws is why that failed. */
export type OpenSession = (subnet: LoadableSubnet, options: SessionOptions) => Promise<SubnetSession>;

/**
 * On x64 what is left to pack are the weights of the last layer, a third of a MobileNetV2: packing takes longer than an inference, and
 * the second copy stays, while inferences take as long without. Elsewhere convolutions are packed too, and nobody has measured that.
 */
export const AS_STORED: { readonly disable_prepacking?: '1' } =
  process.arch === 'x64' ? { disable_prepacking: '1' } : {};

/** Neither the model nor its weights are copied: both are read where they lie. */
export const OPTIMISED = {
  session: {
    ...{ ...AS_STORED, load_model_format: 'ORT' },
    ...{ use_ort_model_bytes_directly: '1', use_ort_model_bytes_for_initializers: '1' },
  },
};

/** By onnxruntime-node, which loads and runs on the thread that asks: nothing else of it goes on meanwhile. */
export const openOnnxSession: OpenSession = async (subnet, { image, threads }) => {
  const session = await InferenceSession.create(subnet.model, {
    ...(subnet.isOptimised
      ? { extra: OPTIMISED }
      : { extra: { session: AS_STORED }, externalData: subnet.weights }),
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
  const [input, output] = [session.inputNames[0]!, session.outputNames[0]!];
  const imageSize = image.reduce((a, b) => a * b, 1);
  return {
    run: async (images) => {
      const shape = [images.length / imageSize, ...image];
      const { [output]: logits } = await session.run({ [input]: new Tensor('float32', images, shape) });
      return logits!.data as Float32Array;
    },
    release: () => session.release(),
  };
};
