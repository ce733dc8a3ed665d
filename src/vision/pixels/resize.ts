import type { RgbImage } from '../images/rgb_image.js';
import { FILTERS, type Filter } from './filters.js';

/** Bits of fraction of a weight. */
const FRACTION = 22;

/** The samples of a line that make a sample of the resized line, with their weights. */
interface Weights {
  /** The first sample, by sample of the resized line. */
  readonly first: Int32Array;
  /** How many, by sample of the resized line. */
  readonly count: Int32Array;
  /** Weights as integers with FRACTION bits of fraction, `most` for each sample of the resized line. */
  readonly weights: Int32Array;
  readonly most: number;
}

/**
 * Resizes an image as Pillow's `Image.resize` does, to the same bytes: each axis alone, columns first, with a
 * filter as wide as the pixels of the result. `resample`: the filter's number in Pillow, 0 to 5. An axis of the same
 * length stays as it is.
 */
export function resize(image: RgbImage, width: number, height: number, resample: number): RgbImage {
  if (image.width === width && image.height === height) return image;
  const filter = FILTERS[resample];
  if (filter === undefined) return nearest(image, width, height);
  const narrow =
    image.width === width ? image.rgb : resizeRows(image, width, lineWeights(image.width, width, filter));
  const rgb =
    image.height === height
      ? narrow
      : resizeColumns(narrow, width, lineWeights(image.height, height, filter));
  return { width, height, rgb };
}

/** The weights for a line of `from` samples that is resized to `to`. */
function lineWeights(from: number, to: number, filter: Filter): Weights {
  const scale = from / to;
  const filterScale = Math.max(scale, 1);
  const support = filter.support * filterScale;
  const most = Math.ceil(support) * 2 + 1;
  const result = {
    ...{ first: new Int32Array(to), count: new Int32Array(to) },
    ...{ weights: new Int32Array(to * most), most },
  };
  const exact = new Float64Array(most);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(from, Math.trunc(centre + support + 0.5)) - first;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      exact[k] = filter.weight((k + first - centre + 0.5) * (1 / filterScale));
      sum += exact[k]!;
    }
    for (let k = 0; k < count; k++) {
      const weight = (sum === 0 ? exact[k]! : exact[k]! / sum) * 2 ** FRACTION;
      result.weights[i * most + k] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
    result.first[i] = first;
    result.count[i] = count;
  }
  return result;
}

/** Resizes each row to `width` pixels. */
function resizeRows({ width: from, height, rgb }: RgbImage, width: number, by: Weights): Uint8Array {
  const { first, count, weights, most } = by;
  const out = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      let red = 1 << (FRACTION - 1);
      let green = red;
      let blue = red;
      let at = (y * from + first[x]!) * 3;
      for (let k = x * most, end = k + count[x]!; k < end; k++, at += 3) {
        const weight = weights[k]!;
        red += rgb[at]! * weight;
        green += rgb[at + 1]! * weight;
        blue += rgb[at + 2]! * weight;
      }
      out[to] = clamped(red >> FRACTION);
      out[to + 1] = clamped(green >> FRACTION);
      out[to + 2] = clamped(blue >> FRACTION);
    }
  }
  return out;
}

/** Resizes each column of rows of `width` pixels. */
function resizeColumns(rgb: Uint8Array, width: number, by: Weights): Uint8Array {
  const { first, count, weights, most } = by;
  const rowBytes = width * 3;
  const height = first.length;
  const out = new Uint8Array(height * rowBytes);
  const sums = new Int32Array(rowBytes);
  for (let y = 0; y < height; y++) {
    sums.fill(1 << (FRACTION - 1));
    for (let k = 0; k < count[y]!; k++) {
      const weight = weights[y * most + k]!;
      const row = (first[y]! + k) * rowBytes;
      for (let i = 0; i < rowBytes; i++) sums[i]! += rgb[row + i]! * weight;
    }
    for (let i = 0; i < rowBytes; i++) out[y * rowBytes + i] = clamped(sums[i]! >> FRACTION);
  }
  return out;
}

const clamped = (value: number) => (value < 0 ? 0 : value > 255 ? 255 : value);

/** The pixels whose centres are nearest. */
function nearest({ width: from, height: rows, rgb }: RgbImage, width: number, height: number): RgbImage {
  const columns = nearestOf(from, width);
  const lines = nearestOf(rows, height);
  const out = new Uint8Array(width * height * 3);
  let to = 0;
  for (const line of lines) {
    for (const column of columns) {
      const at = (line * from + column) * 3;
      out[to++] = rgb[at]!;
      out[to++] = rgb[at + 1]!;
      out[to++] = rgb[at + 2]!;
    }
  }
  return { width, height, rgb: out };
}

/** For each of `to` samples the nearest of `from`. Steps are added up, as Pillow does, with its rounding. */
function nearestOf(from: number, to: number): Int32Array {
  const step = from / to;
  let at = step * 0.5;
  return Int32Array.from({ length: to }, () => {
    const index = Math.floor(at);
    at += step;
    return Math.min(index, from - 1);
  });
}
