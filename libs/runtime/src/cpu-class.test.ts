import { cpuClass } from './cpu-class.js';

const x86 = (vendor: string, flags: string) => ({
  arch: 'x64',
  model: 'A CPU',
  cpuinfo: `processor\t: 0\nvendor_id\t: ${vendor}\nmodel name\t: A CPU\nflags\t\t: fpu sse2 ${flags}\n\n`,
});

test.each([
  ['x86-64 intel avx512', x86('GenuineIntel', 'fma avx avx2 avx512f avx512dq avx512bw avx512vl')],
  ['x86-64 intel avx2', x86('GenuineIntel', 'fma avx avx2 avx512f')],
  ['x86-64 amd avx2', x86('AuthenticAMD', 'fma avx avx2')],
  ['x86-64 HygonGenuine avx', x86('HygonGenuine', 'avx')],
  ['x86-64 intel sse2', x86('GenuineIntel', '')],
  [
    'arm64 0x41 neon',
    {
      arch: 'arm64',
      model: '',
      cpuinfo: 'processor\t: 0\nFeatures\t: fp asimd crc32\nCPU implementer\t: 0x41\n',
    },
  ],
  ['arm64 Apple M2', { arch: 'arm64', model: 'Apple M2', cpuinfo: undefined }],
])('%s', (expected, cpu) => expect(cpuClass(cpu)).toBe(expected));

test('this machine is of a class', () => expect(cpuClass()).toMatch(/^\S+ \S+/));
