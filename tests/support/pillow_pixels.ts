import { readFileSync } from 'node:fs';
import type { RgbImage } from '../../src/vision/images/rgb_image.js';

const file = new URL('../fixtures/pixels/expected.json', import.meta.url);
const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

interface Resized {
  readonly width: number;
  readonly height: number;
  readonly resample: number;
  readonly rgb: Uint8Array;
}

interface Processed {
  readonly config: Record<string, unknown>;
  /** [3, height, width] */
  readonly shape: readonly [number, number, number];
  readonly values: Float32Array;
}

/** A picture, its sizes as Pillow makes them, and the numbers that transformers makes of it. */
export function pillowPixels(): { picture: RgbImage; resized: Resized[]; processed: Processed[] } {
  const { width, height, rgb_base64, resized, processed } = JSON.parse(readFileSync(file, 'utf8'));
  return {
    picture: { width, height, rgb: bytes(rgb_base64) },
    resized: resized.map(({ rgb_base64: rgb, ...rest }: { rgb_base64: string }) => ({
      ...rest,
      rgb: bytes(rgb),
    })),
    processed: processed.map(({ f32_base64: values, ...rest }: { f32_base64: string }) => ({
      ...rest,
      values: new Float32Array(bytes(values).buffer),
    })),
  };
}
