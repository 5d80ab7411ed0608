export { blockProbe } from './blocked/block-probe.js';
export { ONNX_OPSET, OnnxError, nextStateName, writeOnnx, type WriteOnnxOptions } from './write-onnx.js';
