import { examples } from '../../../examples/captions/examples.js';

/** A picture of the kind that the captioner of the page learned from. */
export interface Drawing {
  readonly image: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  /** The true caption. */
  readonly text: string;
}

/** A seed always gives the same drawing. */
export function newDrawing(seed: number): Drawing {
  return examples(seed).next().value;
}

/** The image as a PNG file. */
export async function pngOf({ image: { width, height, data } }: Drawing): Promise<File> {
  const canvas = new OffscreenCanvas(width, height);
  const pixels = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    pixels.data.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
    pixels.data[4 * i + 3] = 255;
  }
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
  return new File([await canvas.convertToBlob()], 'drawing.png', { type: 'image/png' });
}
