export { blockProbe } from './blocked/block-probe.js';
export { ONNX_OPSET, OnnxError, nextStateName, writeOnnx, type WriteOnnxOptions } from './write-onnx.js';
export { encodeModel } from './encode-model.js';
export type { AttributeValue, OnnxInitializer, OnnxNode } from './model.js';
