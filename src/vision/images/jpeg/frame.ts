import type { Bytes } from '../../../base/bytes.js';
import { Gpt2Error } from '../../../base/errors.js';
import { checkPixels } from '../rgb_image.js';
import { damagedJpeg } from './damaged.js';

/** Samples of one kind: brightness, a difference of colours, or an ink. */
export interface Component {
  readonly id: number;
  /** Samples of a row and rows of samples, per unit of data. */
  readonly h: number;
  readonly v: number;
  /** Number of the quantization table. */
  readonly table: number;
  /** Samples of a row and rows of samples that belong to the picture. */
  readonly width: number;
  readonly height: number;
  /** Blocks of 8 x 8 samples that are stored, which fill whole units. */
  readonly blocksWide: number;
  readonly blocksHigh: number;
  /** Decoded samples, rows of 8 * blocksWide. */
  samples: Uint8Array;
  /** Coefficients of a progressive file, 64 a block in natural order; otherwise empty. */
  coefficients: Int16Array;
  /** The quantization table in natural order, as it is when the first scan of the component begins. */
  steps: Uint16Array | undefined;
}

/** The frame header. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly isProgressive: boolean;
  readonly components: readonly Component[];
  /** The largest h and v of all components. */
  readonly maxH: number;
  readonly maxV: number;
  /** Units of data, of 8 * maxH x 8 * maxV pixels. */
  readonly unitsWide: number;
  readonly unitsHigh: number;
}

/** Frame types that are refused, by their marker. */
const OTHER_FRAMES: Readonly<Record<number, string>> = {
  195: 'lossless compression',
  197: 'differential frames',
  198: 'differential frames',
  199: 'differential frames',
  201: 'arithmetic coding',
  202: 'arithmetic coding',
  203: 'arithmetic coding',
  205: 'arithmetic coding',
  206: 'arithmetic coding',
  207: 'arithmetic coding',
};

/** The error for a well-formed file of a kind that is not decoded. */
export function unsupportedJpeg(what: string): Gpt2Error {
  return new Gpt2Error('unsupported', `the JPEG has ${what}, which cannot be decoded here`);
}

/**
 * Reads a frame header. `fileBytes`: the length of the file, which needs at least a bit for each block. Throws
 * `invalid-file` and `unsupported`.
 */
export function readFrame(marker: number, data: Bytes, maxPixels: number, fileBytes: number): Frame {
  if (OTHER_FRAMES[marker] !== undefined) throw unsupportedJpeg(OTHER_FRAMES[marker]);
  if (data.length < 6) throw damagedJpeg('its frame header is too short');
  const [depth, , , , , count] = data as unknown as [number, number, number, number, number, number];
  const height = (data[1]! << 8) | data[2]!;
  const width = (data[3]! << 8) | data[4]!;
  if (depth !== 8) throw unsupportedJpeg(`${depth} bits a sample`);
  if (height === 0) throw unsupportedJpeg('its height behind its pixels');
  checkPixels(width, height, maxPixels);
  if (![1, 3, 4].includes(count)) throw unsupportedJpeg(`${count} components`);
  if (data.length < 6 + 3 * count) throw damagedJpeg('its frame header is too short');
  const parts = Array.from({ length: count }, (_, i) => {
    const [id, sampling, table] = data.subarray(6 + 3 * i) as unknown as [number, number, number];
    return { id, h: sampling >> 4, v: sampling & 15, table };
  });
  if (parts.some(({ h, v }) => h < 1 || h > 4 || v < 1 || v > 4))
    throw damagedJpeg('a sampling factor is not from 1 to 4');
  const maxH = Math.max(...parts.map(({ h }) => h));
  const maxV = Math.max(...parts.map(({ v }) => v));
  if (parts.some(({ h, v }) => maxH % h !== 0 || maxV % v !== 0))
    throw unsupportedJpeg('fractional sampling');
  const unitsWide = Math.ceil(width / (8 * maxH));
  const unitsHigh = Math.ceil(height / (8 * maxV));
  const blocksPerUnit = parts.reduce((sum, { h, v }) => sum + h * v, 0);
  const blocks =
    count === 1 ? Math.ceil(width / 8) * Math.ceil(height / 8) : blocksPerUnit * unitsWide * unitsHigh;
  if (blocks > fileBytes * 8) {
    const size = `${width} x ${height} pixels`;
    throw new Gpt2Error('invalid-file', `the JPEG is cut off: its data is too short for ${size}`);
  }
  const components = parts.map((part) =>
    component(part, { width, height, maxH, maxV, unitsWide, unitsHigh }),
  );
  return {
    ...{ width, height, isProgressive: marker === 0xc2, components },
    ...{ maxH, maxV, unitsWide, unitsHigh },
  };
}

function component(
  part: Pick<Component, 'id' | 'h' | 'v' | 'table'>,
  frame: Omit<Frame, 'isProgressive' | 'components'>,
): Component {
  return {
    ...part,
    width: Math.ceil((frame.width * part.h) / frame.maxH),
    height: Math.ceil((frame.height * part.v) / frame.maxV),
    blocksWide: frame.unitsWide * part.h,
    blocksHigh: frame.unitsHigh * part.v,
    samples: new Uint8Array(0),
    coefficients: new Int16Array(0),
    steps: undefined,
  };
}
