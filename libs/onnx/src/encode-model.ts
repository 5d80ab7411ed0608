import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { AttributeValue, OnnxInitializer, OnnxModel, OnnxNode, OnnxValueInfo } from './model.js';

/** Version of the file format that belongs to opset 17. */
const IR_VERSION = 8;

/** `TensorProto.DataType`. */
const FLOAT = 1;
const INT64 = 7;

/** `TensorProto.DataLocation`. */
const EXTERNAL = 1;

/** `AttributeProto.AttributeType`. */
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_FLOATS = 6;
const ATTRIBUTE_INTS = 7;

/** Encodes a `ModelProto`. Field numbers are those of onnx.proto (ONNX 1.12 and later). */
export function encodeModel(model: OnnxModel): Uint8Array {
  const writer = new BinaryWriter();
  int(writer, 1, IR_VERSION);
  text(writer, 2, model.producer);
  message(writer, 7, () => writeGraph(writer, model));
  for (const [domain, version] of model.opsets) {
    message(writer, 8, () => {
      text(writer, 1, domain);
      int(writer, 2, version);
    });
  }
  for (const [key, value] of Object.entries(model.properties ?? {})) {
    message(writer, 14, () => {
      text(writer, 1, key);
      text(writer, 2, value);
    });
  }
  return writer.finish();
}

function writeGraph(writer: BinaryWriter, model: OnnxModel): void {
  for (const node of model.nodes) message(writer, 1, () => writeNode(writer, node));
  text(writer, 2, model.name);
  for (const initializer of model.initializers) {
    message(writer, 5, () => writeInitializer(writer, initializer));
  }
  for (const input of model.inputs) message(writer, 11, () => writeValueInfo(writer, input));
  for (const output of model.outputs) message(writer, 12, () => writeValueInfo(writer, output));
}

function writeNode(writer: BinaryWriter, node: OnnxNode): void {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  text(writer, 3, node.outputs[0]!);
  text(writer, 4, node.type);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    message(writer, 5, () => writeAttribute(writer, name, attribute));
  }
  if (node.domain !== '') text(writer, 7, node.domain);
}

function writeAttribute(writer: BinaryWriter, name: string, attribute: AttributeValue): void {
  text(writer, 1, name);
  switch (attribute.type) {
    case 'int':
      int(writer, 3, attribute.value);
      int(writer, 20, ATTRIBUTE_INT);
      break;
    case 'float':
      writer.tag(2, WireType.Bit32).float(attribute.value);
      int(writer, 20, ATTRIBUTE_FLOAT);
      break;
    case 'ints':
      for (const value of attribute.value) int(writer, 8, value);
      int(writer, 20, ATTRIBUTE_INTS);
      break;
    case 'floats':
      for (const value of attribute.value) writer.tag(7, WireType.Bit32).float(value);
      int(writer, 20, ATTRIBUTE_FLOATS);
      break;
    case 'string':
      text(writer, 4, attribute.value);
      int(writer, 20, ATTRIBUTE_STRING);
  }
}

function writeInitializer(writer: BinaryWriter, { name, shape, data, location }: OnnxInitializer): void {
  for (const side of shape) int(writer, 1, side);
  int(writer, 2, data instanceof Float32Array ? FLOAT : INT64);
  text(writer, 8, name);
  if (location !== undefined) return writeLocation(writer, location, data.byteLength);
  // raw_data is little-endian, as is every machine that Node runs on.
  writer
    .tag(9, WireType.LengthDelimited)
    .bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeLocation(writer: BinaryWriter, location: string, bytes: number): void {
  for (const [key, value] of Object.entries({ location, offset: '0', length: String(bytes) })) {
    message(writer, 13, () => {
      text(writer, 1, key);
      text(writer, 2, value);
    });
  }
  int(writer, 14, EXTERNAL);
}

function writeValueInfo(writer: BinaryWriter, { name, shape }: OnnxValueInfo): void {
  text(writer, 1, name);
  message(writer, 2, () => {
    message(writer, 1, () => {
      int(writer, 1, FLOAT);
      message(writer, 2, () => {
        for (const side of shape) message(writer, 1, () => writeSide(writer, side));
      });
    });
  });
}

function writeSide(writer: BinaryWriter, side: number | string): void {
  if (typeof side === 'number') int(writer, 1, side);
  else text(writer, 2, side);
}

function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function int(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Varint).int64(value);
}
