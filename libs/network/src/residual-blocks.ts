import type { LayerList } from './layer-list.js';

interface BlockShape {
  /** Of the block's output. */
  readonly channels: number;
  readonly stride: number;
  /** Whether a 1x1 convolution fits the input to the sum; without one the input itself is added. */
  readonly projected: boolean;
}

/** Two 3x3 convolutions and a shortcut (He et al. 2016, figure 5, left); gives the name of the last layer. */
export function addBasicBlock(list: LayerList, name: string, input: string, shape: BlockShape): string {
  const { channels, stride } = shape;
  const inner = list.convBn(`${name}.conv1`, input, { channels, kernel: 3, stride });
  const active = list.add({ kind: 'relu', name: `${name}.relu1`, input: inner });
  const main = list.convBn(`${name}.conv2`, active, { channels, kernel: 3 });
  return addShortcut(list, name, { main, input, activation: 'relu2' }, shape);
}

/** 1x1 down to `inner` channels, 3x3 with the block's stride, 1x1 up (figure 5, right), and a shortcut. */
export function addBottleneck(
  list: LayerList,
  name: string,
  input: string,
  shape: BlockShape & { readonly inner: number },
): string {
  const { channels, stride, inner } = shape;
  const reduced = list.convBn(`${name}.conv1`, input, { channels: inner, kernel: 1 });
  const first = list.add({ kind: 'relu', name: `${name}.relu1`, input: reduced });
  const filtered = list.convBn(`${name}.conv2`, first, { channels: inner, kernel: 3, stride });
  const second = list.add({ kind: 'relu', name: `${name}.relu2`, input: filtered });
  const main = list.convBn(`${name}.conv3`, second, { channels, kernel: 1 });
  return addShortcut(list, name, { main, input, activation: 'relu3' }, shape);
}

function addShortcut(
  list: LayerList,
  name: string,
  { main, input, activation }: { main: string; input: string; activation: string },
  { channels, stride, projected }: BlockShape,
): string {
  const shortcut = projected
    ? list.convBn(`${name}.shortcut`, input, { channels, kernel: 1, stride })
    : input;
  const sum = list.add({ kind: 'add', name: `${name}.add`, inputs: [main, shortcut] });
  return list.add({ kind: 'relu', name: `${name}.${activation}`, input: sum });
}
