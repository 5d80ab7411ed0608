import type { Graph, GraphNode, Shape } from '#graph';
import { BlockedEmitter } from './blocked/blocked-emitter.js';
import { lowerBlocked } from './blocked/lower-blocked.js';
import { Emitter } from './emitter.js';
import { encodeModel } from './encode-model.js';
import { lowerNode } from './lower/lower-node.js';
import { WEBGPU_LOWERINGS } from './webgpu/lowerings.js';

/** Version of the standard operators that `writeOnnx` writes. */
export const ONNX_OPSET = 17;

export interface WriteOnnxOptions {
  /** Of the ONNX graph; default `graph`. */
  readonly name?: string;
  /** What made the file; default `isochron`. */
  readonly producer?: string;
  /** What runs the model, where that is known and lacks operators that others have. */
  readonly runtime?: 'onnxruntime-webgpu' | undefined;
  /**
   * Channels in a block of onnxruntime's own image layout on the machine that runs the model: convolutions and what
   * lies between them are then written in that layout (domain com.microsoft.nchwc, CPU alone). Without it plain ONNX.
   */
  readonly block?: number | undefined;
}

/** Thrown when a graph's names cannot stand side by side in one ONNX model. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError';
}

/** Name of the ONNX output that holds a state's next value. */
export function nextStateName(state: string): string {
  return `${state}__next`;
}

/**
 * Writes a graph as an ONNX model (opset 17, float32, static shapes). A state becomes an input of its name and, where
 * the graph assigns it, an output `<name>__next`. The domain com.microsoft is used for filter gradients alone, so a
 * network for inference is plain ONNX.
 * @throws OnnxError when an output has the name that a state's next value needs.
 */
export function writeOnnx(graph: Graph, options: WriteOnnxOptions = {}): Uint8Array {
  const { name = 'graph', producer = 'isochron', runtime, block } = options;
  const inputs = [...graph.inputs, ...graph.states];
  const outputs = modelOutputs(graph);
  const names = [...inputs, ...outputs].map((value) => value.name);
  const blocked = block === undefined ? undefined : new BlockedEmitter(graph, names, block);
  const emitter = blocked ?? new Emitter(graph, names);
  for (const input of inputs) emitter.setName(input.value, input.name);
  for (const { value, tensor } of graph.constants) {
    emitter.initializers.push({ name: emitter.nameOf(value), ...tensor });
  }
  const copies = nameOutputs(graph, outputs, emitter);
  const instead = runtime === 'onnxruntime-webgpu' ? WEBGPU_LOWERINGS : {};
  for (const node of graph.nodes) {
    const write = () => lowerNode(node, emitter, emitter.nameOf(node.output), instead);
    if (blocked && isFilterSlice(node)) blocked.writeLater(node.output, write);
    else if (!blocked || !lowerBlocked(node, blocked)) write();
  }
  // An output that was made blocked gets its plain tensor by being asked for.
  for (const { value } of outputs) emitter.nameOf(value);
  for (const { name: copy, value } of copies) {
    emitter.emit('Identity', [emitter.nameOf(value)], { output: copy });
  }
  return encodeModel({
    name,
    producer,
    opsets: opsetsOf(emitter),
    nodes: emitter.nodes,
    initializers: emitter.initializers,
    inputs: inputs.map(({ name: input, shape }) => ({ name: input, shape })),
    outputs: outputs.map(({ name: output, shape }) => ({ name: output, shape })),
  });
}

/** A subnet's filters: the blocked layout reads the shared filters instead. */
const isFilterSlice = (node: GraphNode): boolean => node.op === 'slice' && node.shape.length === 4;

/** Domains beyond the standard one stand in the model only when it uses them. */
function opsetsOf({ nodes }: Emitter): Map<string, number> {
  const domains = new Set(nodes.map((node) => node.domain));
  domains.delete('');
  return new Map([['', ONNX_OPSET], ...[...domains].map((domain) => [domain, 1] as const)]);
}

interface ModelOutput {
  readonly name: string;
  readonly value: number;
  readonly shape: Shape;
}

function modelOutputs(graph: Graph): ModelOutput[] {
  const assigned = graph.states.filter((state) => state.next !== state.value);
  const outputs = [
    ...graph.outputs,
    ...assigned.map(({ name, next, shape }) => ({ name: nextStateName(name), value: next, shape })),
  ];
  const names = new Set([...graph.inputs, ...graph.states].map((input) => input.name));
  for (const { name } of outputs) {
    if (names.has(name)) throw new OnnxError(`the name "${name}" would stand for two tensors of the model`);
    names.add(name);
  }
  return outputs;
}

/** Lets nodes write outputs directly. Returns the outputs that need a copy: inputs, constants and second names. */
function nameOutputs(graph: Graph, outputs: readonly ModelOutput[], emitter: Emitter): ModelOutput[] {
  const unnamed = new Set(graph.nodes.map((node) => node.output));
  return outputs.filter(({ name, value }) => {
    if (!unnamed.delete(value)) return true;
    emitter.setName(value, name);
    return false;
  });
}
