import { writeFile } from 'node:fs/promises';
import { exportOnnx } from '#bundle';
import { denseWidths, resNet } from '#network';
import { randomSubnet } from '#pruning';

/** Writes a small real network: ResNet-8 at half width for 8x8 images, some milliseconds per batch of 8. */
export async function writeResNet(file: string): Promise<string> {
  const network = resNet({
    depth: 8,
    input: { channels: 1, height: 8, width: 8 },
    classes: 10,
    widthMultiplier: 0.5,
  });
  const widths = denseWidths(network);
  await writeFile(file, exportOnnx(randomSubnet(network, widths, 1), { batch: 8 }));
  return file;
}
