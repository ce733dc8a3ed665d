import { Gpt2Error } from '../../base/errors.js';
import type { Patches } from '../../vision/patches.js';
import type { ImageSize, SeenArea } from '../../vision/pixels/seen_area.js';
import { make } from '../page/dom.js';

/** Longest edge of the picture in the page, in pixels. */
const LONGEST = 1280;
/** How dark a patch becomes that has no weight: 0 to 255. */
const DARKEST = 190;

/** An image whose patches light up: the others get darker. */
export class Picture {
  readonly #image = make('canvas', { role: 'img', 'aria-label': 'The image' });
  readonly #shade = make('canvas', { class: 'shade', 'aria-hidden': 'true' });
  readonly element = make('div', { class: 'picture', hidden: true }, this.#image, this.#shade);

  /** Shows an image, if `isWanted` still holds when it is decoded. Throws `invalid-file` if the browser cannot draw it. */
  async show(file: File, isWanted: () => boolean): Promise<void> {
    const bitmap = await bitmapOf(file);
    if (!isWanted()) {
      bitmap.close();
      return;
    }
    this.#image.width = bitmap.width;
    this.#image.height = bitmap.height;
    this.element.style.setProperty('--ratio', String(bitmap.width / bitmap.height));
    this.#image.getContext('bitmaprenderer')!.transferFromImageBitmap(bitmap);
    this.#image.setAttribute('aria-label', `The image ${file.name}`);
    this.#shade.hidden = true;
    this.element.hidden = false;
  }

  /** Size of the image. */
  get size(): ImageSize {
    return this.#image;
  }

  hide(): void {
    this.element.hidden = true;
  }

  /** Lights up the patches by their weights: that of the largest fully, that of the smallest not; without weights all. */
  light(weights: Float32Array | undefined, { rows, columns }: Patches, seen: SeenArea): void {
    this.#shade.hidden = weights === undefined;
    if (weights === undefined) return;
    this.#shade.width = columns;
    this.#shade.height = rows;
    const { style } = this.#shade;
    for (const edge of ['left', 'top', 'width', 'height'] as const) style[edge] = `${100 * seen[edge]}%`;
    const most = weights.reduce((a, b) => Math.max(a, b));
    const least = weights.reduce((a, b) => Math.min(a, b));
    const pixels = new ImageData(columns, rows);
    for (const [i, weight] of weights.entries()) {
      pixels.data[4 * i + 3] = most === least ? 0 : (DARKEST * (most - weight)) / (most - least);
    }
    this.#shade.getContext('2d')!.putImageData(pixels, 0, 0);
  }
}

/** The image, upright and not larger than the page needs. The browser decodes it off the main thread. */
async function bitmapOf(file: File): Promise<ImageBitmap> {
  try {
    const whole = await createImageBitmap(file);
    const scale = LONGEST / Math.max(whole.width, whole.height);
    if (scale >= 1) return whole;
    const [resizeWidth, resizeHeight] = [whole.width, whole.height].map((edge) =>
      Math.max(1, Math.round(scale * edge)),
    ) as [number, number];
    const smaller = await createImageBitmap(whole, { resizeWidth, resizeHeight, resizeQuality: 'medium' });
    whole.close();
    return smaller;
  } catch (cause) {
    throw new Gpt2Error('invalid-file', `${file.name} is no image that this browser can draw`, { cause });
  }
}
