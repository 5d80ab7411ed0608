import type { ImageShape } from '#network';
import { DatasetError } from '../dataset-error.js';

/** A larger picture is refused before it is decoded: 34 megapixels, 0.1 GB at 8 bits. */
const MAX_PIXELS = 2 ** 25;

const SIGNATURES = [
  Buffer.from([0x89, 0x50, 0x4e, 0x47]), // PNG
  Buffer.from([0xff, 0xd8, 0xff]), // JPEG
];

/**
 * Decodes a PNG or JPEG, turned as its EXIF data say, on black where it is transparent, to sRGB or one channel of
 * brightness. It is scaled (Lanczos 3) until it covers the size, and cut to it at its centre.
 * @param name for messages
 * @returns pixels `[channels, height, width]`, 0..255
 * @throws DatasetError naming the file, with the decoder's reason
 */
export async function decodeImage(content: Buffer, name: string, input: ImageShape): Promise<Uint8Array> {
  if (!SIGNATURES.some((signature) => content.subarray(0, signature.length).equals(signature))) {
    const found = content.length === 0 ? 'an empty file' : content.toString('hex', 0, 4);
    throw new DatasetError(`expected a PNG or JPEG file, found ${found}`, { file: name, byteOffset: 0 });
  }
  const { channels, height, width } = input;
  // Loaded takes 30 MB, which only who has folders of images needs.
  const { default: sharp } = await import('sharp');
  try {
    const { data, info } = await sharp(content, { failOn: 'error', limitInputPixels: MAX_PIXELS })
      .autoOrient()
      .flatten({ background: 'black' })
      .resize(width, height, { fit: 'cover', position: 'centre', kernel: 'lanczos3' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== channels) throw new Error(`it has ${info.channels} channels, expected ${channels}`);
    return planar(data, channels);
  } catch (error) {
    const reason = (error as Error).message
      .split('\n')[0]!
      .replace(/:?\s*$/, '')
      .replace('exceeds pixel limit', `has more than ${MAX_PIXELS} pixels`);
    throw new DatasetError(`cannot be decoded: ${reason}`, { file: name }, { cause: error });
  }
}

/** `[height, width, channels]` as `[channels, height, width]`. */
function planar(interleaved: Buffer, channels: number): Uint8Array {
  const plane = interleaved.length / channels;
  const pixels = new Uint8Array(interleaved.length);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < plane; i++) pixels[c * plane + i] = interleaved[i * channels + c]!;
  }
  return pixels;
}
