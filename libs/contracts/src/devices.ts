import { z } from 'zod';
import { Audit, Labels, Name, PageQuery } from './common.js';
import { LabelFilter } from './label-filter.js';

const Hertz = z.number().int().positive().max(1e11);

/** One setting of a device's clocks; an emulated one says which share of the CPU's time the measured process gets. */
export const OperatingPoint = z
  .strictObject({
    name: Name,
    cpuHz: Hertz.optional(),
    gpuHz: Hertz.optional(),
    memHz: Hertz.optional(),
    emulatedCpuShare: z
      .number()
      .min(0.05)
      .max(1)
      .optional()
      .describe('share of CPU time left to the measured process; marks the point as emulated'),
    order: z
      .number()
      .int()
      .min(0)
      .max(100_000)
      .optional()
      .describe(
        "place among the device's points by speed, 0 is the slowest; for points whose clocks do not say it",
      ),
    voltageMv: z.number().positive().max(10_000).optional().describe('supply voltage at this point'),
    powerMw: z.number().positive().max(1e6).optional().describe('power drawn at this point'),
  })
  .refine((p) => p.cpuHz ?? p.gpuHz ?? p.memHz ?? p.emulatedCpuShare, {
    message: 'expected at least one of cpuHz, gpuHz, memHz or emulatedCpuShare',
  });
export type OperatingPoint = z.infer<typeof OperatingPoint>;

/** Operating points by name with the clocks that a device declares for them; without, where it declares no such point. */
export function withClocks(
  names: readonly string[],
  declared: readonly OperatingPoint[],
): { name: string; clocks?: Record<string, number> }[] {
  return names.map((name) => {
    const point = declared.find((each) => each.name === name);
    return { name, ...(point && { clocks: clocksOf(point) }) };
  });
}

/** The clocks that an operating point names, as calibration takes them; a CPU share is one. */
function clocksOf({ cpuHz, gpuHz, memHz, emulatedCpuShare }: OperatingPoint): Record<string, number> {
  const clocks = { cpuHz, gpuHz, memHz, emulatedCpuShare };
  const known = Object.entries(clocks).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return Object.fromEntries(known);
}

export const CreateDevice = z.strictObject({
  name: Name,
  model: z.string().max(200).optional(),
  soc: z.string().max(200).optional(),
  labels: Labels.default({}),
  operatingPoints: z
    .array(OperatingPoint)
    .min(1)
    .max(200)
    .refine((points) => new Set(points.map((p) => p.name)).size === points.length, {
      message: 'expected operating points with different names',
    }),
});
export type CreateDevice = z.infer<typeof CreateDevice>;

export const Device = CreateDevice.extend(Audit.shape);
export type Device = z.infer<typeof Device>;

/** Query of GET /v1/devices: what is given must all hold of a device. */
export const ListDevices = PageQuery.extend({
  owner: z.string().min(1).max(200).optional(),
  name: z
    .string()
    .regex(/^[a-z0-9._-]{1,63}$/, 'expected 1 to 63 of a-z, 0-9, ".", "_", "-"')
    .optional()
    .describe('a part of the name'),
  label: LabelFilter.optional(),
});
export type ListDevices = z.infer<typeof ListDevices>;
