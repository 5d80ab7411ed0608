import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

export interface ReadOnnx {
  readonly irVersion: number;
  readonly opsets: Record<string, number>;
  readonly properties: Record<string, string>;
  readonly nodes: { type: string; name: string; inputs: string[]; outputs: string[] }[];
  readonly constants: string[];
  /** Sides of the inputs and outputs, by name. */
  readonly shapes: Record<string, (number | string)[]>;
}

type Field = Uint8Array | bigint;

/** What a `ModelProto` says, read by field numbers of onnx.proto and without the code under test. */
export function readOnnx(bytes: Uint8Array): ReadOnnx {
  const model = fieldsOf(bytes);
  const graph = fieldsOf(one(model, 7));
  return {
    irVersion: Number(model.get(1)![0]),
    opsets: Object.fromEntries(
      messages(model, 8).map((opset) => [textOf(opset, 1), Number(opset.get(2)![0])]),
    ),
    properties: Object.fromEntries(
      messages(model, 14).map((property) => [textOf(property, 1), textOf(property, 2)]),
    ),
    nodes: messages(graph, 1).map((node) => ({
      ...{ type: textOf(node, 4), name: textOf(node, 3) },
      ...{ inputs: textsOf(node, 1), outputs: textsOf(node, 2) },
    })),
    constants: messages(graph, 5).map((tensor) => textOf(tensor, 8)),
    shapes: Object.fromEntries(
      [...messages(graph, 11), ...messages(graph, 12)].map((info) => [textOf(info, 1), sidesOf(info)]),
    ),
  };
}

function sidesOf(info: Map<number, Field[]>): (number | string)[] {
  const tensor = fieldsOf(one(fieldsOf(one(info, 2)), 1));
  return messages(fieldsOf(one(tensor, 2)), 1).map((side) =>
    side.has(1) ? Number(side.get(1)![0]) : textOf(side, 2),
  );
}

function fieldsOf(bytes: Uint8Array): Map<number, Field[]> {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, Field[]>();
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const values = fields.get(field) ?? [];
    fields.set(field, values);
    if (wireType === WireType.LengthDelimited) values.push(reader.bytes());
    else if (wireType === WireType.Varint) values.push(BigInt(reader.int64()));
    else reader.skip(wireType, field);
  }
  return fields;
}

const one = (fields: Map<number, Field[]>, field: number) => fields.get(field)![0] as Uint8Array;
const messages = (fields: Map<number, Field[]>, field: number) =>
  ((fields.get(field) ?? []) as Uint8Array[]).map(fieldsOf);
const textsOf = (fields: Map<number, Field[]>, field: number) =>
  ((fields.get(field) ?? []) as Uint8Array[]).map((text) => Buffer.from(text).toString());
const textOf = (fields: Map<number, Field[]>, field: number) => textsOf(fields, field)[0] ?? '';
