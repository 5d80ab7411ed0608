/** Providers of executors that run on a graphics card. */
export const GPU_PROVIDERS: readonly string[] = ['cuda', 'webgpu', 'tensorflow-gpu'];

export const isGpuProvider = (provider: string): boolean => GPU_PROVIDERS.includes(provider);
