interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

export interface Header {
  length: number;
  text: string;
  metadata: Record<string, string>;
  tensors: Record<string, Entry>;
}

/** A safetensors file's header as its format describes it, read without the code under test. */
export function headerOf(file: Uint8Array): Header {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder().decode(file.subarray(8, 8 + length));
  const { __metadata__, ...tensors } = JSON.parse(text) as { __metadata__: Record<string, string> };
  return { length, text, metadata: __metadata__, tensors: tensors };
}
