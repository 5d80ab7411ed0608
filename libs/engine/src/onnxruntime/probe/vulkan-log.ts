/** A Vulkan driver and the device that it drives. */
export interface VulkanDevice {
  readonly name: string;
  /** Path of the driver's library. */
  readonly driver: string;
}

/** The device in use, as the Vulkan loader (1.3.2 and later) tells with VK_LOADER_DEBUG=all. */
export function usedVulkanDevice(log: string): VulkanDevice | undefined {
  const used = [...log.matchAll(/Using "(.+)" with driver: "(.+)"/g)].at(-1);
  return used && { name: used[1]!.trim(), driver: used[2]! };
}

/** Whether the CPU computes what a graphics card should: SwiftShader, or Mesa's lavapipe and llvmpipe. */
export function isSoftwareDevice({ name, driver }: VulkanDevice): boolean {
  return /swiftshader|llvmpipe|lavapipe/i.test(name) || /libvk_swiftshader|libvulkan_lvp/.test(driver);
}

/** Why WebGPU (Dawn) turned drivers away, as its warnings tell; one text for each reason. */
export function dawnWarnings(log: string): string[] {
  const warnings = [...log.matchAll(/^Warning: (.+)$/gm)].map((match) => match[1]!.trim());
  return [...new Set(warnings)];
}
