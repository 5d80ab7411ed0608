/**
 * As much of WebAssembly's binary format as a few numeric functions take: https://webassembly.github.io/spec/core/binary.
 * Code is lists of bytes, one function per instruction.
 */
export type Code = readonly number[];

/** A function of i32 parameters without a result. */
export interface WasmFunction {
  /** Undefined where it is called from within the module alone. */
  readonly exportedAs?: string;
  readonly parameters: number;
  /** Locals after the parameters: first so many of i32, then of v128. */
  readonly i32Locals: number;
  readonly v128Locals: number;
  readonly body: Code;
}

const I32 = 0x7f;
const V128 = 0x7b;
/** A shared memory must say the most pages it may have, at least as many as the one that it is given. */
const MOST_PAGES = 65536;

/** Encodes a module that works on a shared memory, which it imports as `env.memory`. */
export function encodeModule(functions: readonly WasmFunction[]): Uint8Array {
  const limits = [3, ...unsigned(1), ...unsigned(MOST_PAGES)];
  const types = functions.map(({ parameters }) => [0x60, ...vector(repeat([I32], parameters)), 0]);
  const named = functions.flatMap(({ exportedAs }, i) =>
    exportedAs === undefined ? [] : [[...text(exportedAs), 0, ...unsigned(i)]],
  );
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(2, [[...text('env'), ...text('memory'), 2, ...limits]]),
    ...section(
      3,
      functions.map((_, i) => unsigned(i)),
    ),
    ...section(7, named),
    ...section(10, functions.map(encodeBody)),
  ]);
}

function encodeBody({ i32Locals, v128Locals, body }: WasmFunction): Code {
  const locals = vector([
    [...unsigned(i32Locals), I32],
    [...unsigned(v128Locals), V128],
  ]);
  const code = [...locals, ...body, END];
  return [...unsigned(code.length), ...code];
}

function section(id: number, entries: readonly Code[]): Code {
  const content = vector(entries);
  return [id, ...unsigned(content.length), ...content];
}

function vector(entries: readonly Code[]): Code {
  return [...unsigned(entries.length), ...entries.flat()];
}

function text(value: string): Code {
  return vector([...Buffer.from(value)].map((byte) => [byte]));
}

function repeat(code: Code, times: number): Code[] {
  return Array.from({ length: times }, () => code);
}

/** LEB128. */
function unsigned(value: number): Code {
  const low = value % 128;
  return value < 128 ? [low] : [low + 128, ...unsigned((value - low) / 128)];
}

const END = 0x0b;

/** Of small positive numbers alone. */
export const constant = (value: number): Code => {
  if (value < 0 || value >= 64) throw new RangeError(`value: ${value} is not from 0 to 63`);
  return [0x41, value];
};
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const call = (target: number): Code => [0x10, ...unsigned(target)];

export const addI32: Code = [0x6a];
export const loadI32 = (offset: number): Code => [0x28, 2, ...unsigned(offset)];

/** Addresses need no alignment; 4 bytes are promised. */
export const load = (offset: number): Code => [0xfd, 0x00, 2, ...unsigned(offset)];
export const loadSplat = (offset: number): Code => [0xfd, 0x09, 2, ...unsigned(offset)];
export const store = (offset: number): Code => [0xfd, 0x0b, 2, ...unsigned(offset)];
export const add: Code = [0xfd, 0xe4, 0x01];
export const multiply: Code = [0xfd, 0xe6, 0x01];

/** Adds one local to another, or a small number. */
export const advance = (local: number, by: Code): Code => [...get(local), ...by, ...addI32, ...set(local)];

/** Runs a body as often as a local says, which counts down to zero; it must be one at least. */
export const times = (counter: number, body: Code): Code => [
  ...[0x03, 0x40],
  ...body,
  ...[...get(counter), ...constant(1), 0x6b, 0x22, ...unsigned(counter)],
  ...[0x0d, 0],
  END,
];
