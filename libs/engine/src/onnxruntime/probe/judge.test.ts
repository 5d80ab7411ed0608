import { judgeCuda } from './probe-cuda.js';
import { judgeWebGpu } from './probe-webgpu.js';

const used = (name: string, driver: string) =>
  `DRIVER | LAYER:          Using "${name}" with driver: "${driver}"\n`;
const worked = (log: string) => ({ error: undefined, log });

describe('WebGPU', () => {
  test('on a graphics card is what jobs may get', () => {
    const log = used('NVIDIA H100 80GB HBM3', 'libGLX_nvidia.so.0');
    expect(judgeWebGpu(worked(log), 'linux')).toEqual({ available: true, detail: 'NVIDIA H100 80GB HBM3' });
  });

  test.each([
    ['SwiftShader Device (Subzero)', '/usr/lib/chromium/libvk_swiftshader.so'],
    ['llvmpipe (LLVM 19.1.7, 256 bits)', '/usr/lib/x86_64-linux-gnu/libvulkan_lvp.so'],
  ])('on the CPU (%s) is a fallback that names its driver', (name, driver) => {
    const finding = judgeWebGpu(worked(used(name, driver)), 'linux');
    expect(finding).toMatchObject({ available: true, fallback: true, detail: name });
    expect(finding.reason).toContain(driver);
  });

  test('counts the device in use, not one that was only looked at', () => {
    const log =
      used('llvmpipe (LLVM 19.1.7, 256 bits)', 'libvulkan_lvp.so') +
      used('AMD Radeon', 'libvulkan_radeon.so');
    expect(judgeWebGpu(worked(log), 'linux')).toEqual({ available: true, detail: 'AMD Radeon' });
  });

  test('of an unknown device is a fallback', () => {
    expect(judgeWebGpu(worked(''), 'linux')).toMatchObject({ available: true, fallback: true });
  });

  test('on Metal is always a graphics card', () => {
    expect(judgeWebGpu(worked(''), 'darwin')).toEqual({ available: true, detail: 'Metal' });
  });

  test('without an adapter says why drivers were turned away', () => {
    const error =
      '/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 Initialize adapter_result.status == Success was false. Failed to get a WebGPU adapter: No supported adapters\n';
    const log =
      "Warning: Couldn't load Vulkan: libvulkan.so.1: cannot open\n    at operator() (BackendVk.cpp:368)\n";
    expect(judgeWebGpu({ error, log }, 'linux')).toMatchObject({
      available: false,
      reason:
        "Failed to get a WebGPU adapter: No supported adapters; Couldn't load Vulkan: libvulkan.so.1: cannot open",
      install: expect.stringContaining('libvulkan1'),
    });
  });
});

describe('CUDA', () => {
  test('is available where a trial run was right', () => {
    expect(judgeCuda(worked(''))).toEqual({ available: true });
  });

  test("gives the dynamic linker's reason", () => {
    const log =
      '[E:onnxruntime:] FAIL : Failed to load library /x/libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file: No such file or directory\n\x1b[m\n';
    const error = 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library';
    expect(judgeCuda({ error, log })).toMatchObject({
      available: false,
      reason: 'libcublasLt.so.13: cannot open shared object file: No such file or directory',
      install: expect.stringContaining('cuDNN'),
    });
    expect(judgeCuda({ error, log })).not.toHaveProperty('lacksCard');
  });

  test('tells that the driver is missing where its library is', () => {
    const reason = 'libcuda.so.1: cannot open shared object file: No such file or directory';
    const log = `Failed to load library /x/libonnxruntime_providers_cuda.so with error: ${reason}\n`;
    expect(judgeCuda({ error: 'Failed to load shared library', log })).toEqual({
      available: false,
      reason,
      install: 'an NVIDIA card and its driver',
      lacksCard: true,
    });
  });

  test.each([
    [35, 'CUDA driver version is insufficient for CUDA runtime version'],
    [100, 'no CUDA-capable device is detected'],
  ])('whose library loads tells that card or driver are missing: CUDA failure %i, %s', (code, reason) => {
    const error = `cuda_call.cc:114 onnxruntime::CudaCall CUDA failure ${code}: ${reason} ; GPU=-1 ; hostname=node`;
    expect(judgeCuda({ error, log: '' })).toEqual({
      available: false,
      reason,
      install: 'an NVIDIA card and its driver',
      lacksCard: true,
    });
  });
});
