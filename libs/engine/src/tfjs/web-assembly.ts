/** What is used of WebAssembly, whose types come with the browser's alone. */
interface WebAssemblyGlobal {
  validate(bytes: Uint8Array): boolean;
}

export const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyGlobal };
