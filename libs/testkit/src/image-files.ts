import sharp from 'sharp';

export interface Picture {
  readonly width?: number;
  readonly height?: number;
  /** CSS colour of all of it. */
  readonly colour?: string;
  readonly format?: 'png' | 'jpeg';
}

/** A real PNG or JPEG file of one colour. */
export function picture({
  width = 12,
  height = 10,
  colour = 'red',
  format = 'png',
}: Picture = {}): Promise<Buffer> {
  const create = { width, height, channels: 3 as const, background: colour };
  return sharp({ create }).toFormat(format).toBuffer();
}

/** A folder of images of two classes, PNG and JPEG, dark and bright, by path within it: `CLASS/IMAGE`. */
export async function imageFolderContents(perClass = 10): Promise<Record<string, Buffer>> {
  const contents: Record<string, Buffer> = {};
  for (let i = 0; i < perClass; i++) {
    contents[`night/${i}.png`] = await picture({ colour: `rgb(${i}, 0, 40)`, width: 10 + i });
    contents[`day/${i}.jpg`] = await picture({ colour: `rgb(255, ${200 + i}, 230)`, format: 'jpeg' });
  }
  return contents;
}
