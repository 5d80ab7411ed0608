import type { Graph, Shape } from '#graph';
import { Emitter } from './emitter.js';
import { encodeModel } from './encode-model.js';
import { lowerNode } from './lower/lower-node.js';

/** Version of the standard operators that `writeOnnx` writes. */
export const ONNX_OPSET = 17;

export interface WriteOnnxOptions {
  /** Of the ONNX graph; default `graph`. */
  readonly name?: string;
  /** What made the file; default `isochron`. */
  readonly producer?: string;
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
  const { name = 'graph', producer = 'isochron' } = options;
  const inputs = [...graph.inputs, ...graph.states];
  const outputs = modelOutputs(graph);
  const emitter = new Emitter(graph, [
    ...inputs.map((input) => input.name),
    ...outputs.map((output) => output.name),
  ]);
  for (const input of inputs) emitter.setName(input.value, input.name);
  for (const { value, tensor } of graph.constants) {
    emitter.initializers.push({ name: emitter.nameOf(value), ...tensor });
  }
  const copies = nameOutputs(graph, outputs, emitter);
  for (const node of graph.nodes) lowerNode(node, emitter, emitter.nameOf(node.output));
  for (const { name: copy, value } of copies) {
    emitter.emit('Identity', [emitter.nameOf(value)], { output: copy });
  }
  const usesMicrosoft = emitter.nodes.some((node) => node.domain !== '');
  return encodeModel({
    name,
    producer,
    opsets: new Map([['', ONNX_OPSET], ...(usesMicrosoft ? [['com.microsoft', 1] as const] : [])]),
    nodes: emitter.nodes,
    initializers: emitter.initializers,
    inputs: inputs.map(({ name: input, shape }) => ({ name: input, shape })),
    outputs: outputs.map(({ name: output, shape }) => ({ name: output, shape })),
  });
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
