import type { NetworkSpec } from './networks.js';

/** A network as people name it: its family and size, or the name that its description has. */
export function networkLabel(spec: NetworkSpec): string {
  if (spec.family === 'custom') return spec.description.name;
  const size = 'depth' in spec ? spec.depth : spec.form;
  return `${spec.family}-${size}, width x${spec.widthMultiplier}`;
}
