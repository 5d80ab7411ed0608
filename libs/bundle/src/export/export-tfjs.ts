import { INPUT } from '#network';
import type { Subnet } from '#pruning';
import { OUTPUT, ValueNames, plainNetwork, type BatchNormForm } from './plain-network.js';
import { FLOAT, shapeOf, type TensorFlowConstant } from './tensorflow-graph.js';
import { tensorFlowGraph } from './tensorflow-layers.js';

export interface ExportTfjsOptions {
  /** Default `folded`. */
  readonly batchNorm?: BatchNormForm | undefined;
  /** The model's `userDefinedMetadata`: where the subnet comes from. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
}

/** A file to be stored beside the others under this name. */
export interface ExportedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** As TensorFlow.js' own converter cuts weights, so that browsers can cache them. */
const SHARD_BYTES = 4 * 1024 ** 2;
/** Of the `GraphDef` format that the operators belong to. */
const PRODUCER_VERSION = 1882;

/**
 * A subnet as a graph model of TensorFlow.js: `model.json` first, then the files of its weights, for `tf.loadGraphModel`.
 * Input `input` [batch, height, width, channels], as browsers have images, output `logits` [batch, classes], float32, any
 * batch. The same subnet and options give the same bytes.
 */
export function exportTfjs(
  subnet: Subnet,
  { batchNorm = 'folded', properties = {} }: ExportTfjsOptions = {},
): ExportedFile[] {
  const plain = plainNetwork(subnet, batchNorm);
  const { nodes, constants } = tensorFlowGraph(plain, new ValueNames(plain));
  const { height, width, channels } = subnet.network.input;
  const images = shapeOf([-1, height, width, channels]);
  const placeholder = { name: INPUT, op: 'Placeholder', attr: { dtype: FLOAT, shape: { shape: images } } };
  const shards = shardsOf(constants);
  const model = {
    ...{ format: 'graph-model', generatedBy: 'isochron', convertedBy: null },
    userDefinedMetadata: properties,
    signature: {
      inputs: { [INPUT]: endpoint(INPUT, images) },
      outputs: { [OUTPUT]: endpoint(OUTPUT, shapeOf([-1, subnet.network.classes])) },
    },
    modelTopology: { node: [placeholder, ...nodes], library: {}, versions: { producer: PRODUCER_VERSION } },
    weightsManifest: [{ paths: shards.map(({ name }) => name), weights: constants.map(weightEntry) }],
  };
  return [{ name: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(model)) }, ...shards];
}

const endpoint = (name: string, tensorShape: ReturnType<typeof shapeOf>) => ({
  ...{ name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape },
});

const weightEntry = ({ name, shape, data }: TensorFlowConstant) => ({
  ...{ name, shape, dtype: data instanceof Float32Array ? 'float32' : 'int32' },
});

/** All constants' bytes one after another, in files of bounded size. */
function shardsOf(constants: readonly TensorFlowConstant[]): ExportedFile[] {
  // Little-endian, as is every machine that Node runs on.
  const all = Buffer.concat(
    constants.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );
  const count = Math.ceil(all.length / SHARD_BYTES);
  return Array.from({ length: count }, (_, index) => ({
    name: `group1-shard${index + 1}of${count}.bin`,
    bytes: all.subarray(index * SHARD_BYTES, (index + 1) * SHARD_BYTES),
  }));
}
