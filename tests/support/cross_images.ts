import { readFileSync } from 'node:fs';

/** Pictures drawn for tests, and the folders of models with the numbers that transformers makes of them. */
const folder = new URL('../fixtures/cross/', import.meta.url);

const json = (path: string) => JSON.parse(readFileSync(new URL(path, folder), 'utf8'));

/** The bytes of a file of the fixture. */
export const crossFile = (path: string) => readFileSync(new URL(path, folder));

/** Each picture's file name, and its pixels as Pillow reads them. */
export function crossImages(): { file: string; width: number; height: number; rgb: Uint8Array }[] {
  return json('images/expected.json').images.map(
    ({ file, width, height, rgb_base64 }: Record<string, string> & { width: number; height: number }) => ({
      ...{ file, width, height, rgb: new Uint8Array(Buffer.from(rgb_base64!, 'base64')) },
    }),
  );
}

/** The preprocessor_config.json of a model, and the numbers of each of its pictures. */
export function crossPixels(model: string) {
  const { images, pixel_values } = json(`${model}/expected.json`);
  const values = new Float32Array(new Uint8Array(Buffer.from(pixel_values.f32_base64, 'base64')).buffer);
  const [count, ...shape] = pixel_values.shape as number[];
  const size = shape.reduce((product, length) => product * length);
  return {
    config: json(`${model}/preprocessor_config.json`),
    cases: Array.from({ length: count! }, (_, i) => ({
      file: images[i] as string,
      values: values.subarray(i * size, (i + 1) * size),
    })),
  };
}
