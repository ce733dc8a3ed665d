import type { Bytes } from '../../../base/bytes.js';
import { damagedJpeg } from './damaged.js';
import type { Component, Frame } from './frame.js';
import type { HuffmanTable } from './huffman.js';

/** A component in a scan, with its Huffman codes. */
export interface ScanComponent {
  readonly component: Component;
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
  /** The last DC coefficient, which the next is a difference to. */
  predicted: number;
}

/** The header of a scan. */
export interface Scan {
  readonly components: readonly ScanComponent[];
  /** The first and the last coefficient in zigzag order. */
  readonly first: number;
  readonly last: number;
  /** Lowest bit of the coefficients that is known before (0: none) and after the scan. */
  readonly bitBefore: number;
  readonly bit: number;
}

/** Tables that stay until they are replaced. */
export interface Tables {
  readonly dc: (HuffmanTable | undefined)[];
  readonly ac: (HuffmanTable | undefined)[];
  /** Quantization steps in natural order. */
  readonly steps: (Uint16Array | undefined)[];
  /** Units between restart markers; 0: none. */
  restartInterval: number;
}

/** Reads the header of a scan. Throws `invalid-file`. */
export function readScan(data: Bytes, frame: Frame, tables: Tables): Scan {
  const count = data[0] ?? 0;
  if (count < 1 || count > 4 || data.length < 4 + 2 * count)
    throw damagedJpeg('a scan header has a wrong length');
  const components = Array.from({ length: count }, (_, i): ScanComponent => {
    const component = frame.components.find(({ id }) => id === data[1 + 2 * i]);
    if (component === undefined) throw damagedJpeg('a scan is of a component that the frame lacks');
    const codes = data[2 + 2 * i]!;
    return { component, dc: tables.dc[codes >> 4], ac: tables.ac[codes & 15], predicted: 0 };
  });
  if (new Set(components.map(({ component }) => component)).size < count)
    throw damagedJpeg('a scan has a component twice');
  const [first, last, bits] = data.subarray(1 + 2 * count) as unknown as [number, number, number];
  // Files of one scan are decoded whatever they state, as by libjpeg.
  if (!frame.isProgressive) return { components, first: 0, last: 63, bitBefore: 0, bit: 0 };
  const [bitBefore, bit] = [bits >> 4, bits & 15];
  const isBand = first === 0 ? last === 0 : last >= first && last <= 63 && count === 1;
  if (!isBand || bit > 13 || (bitBefore !== 0 && bitBefore !== bit + 1)) {
    throw damagedJpeg('a scan has an impossible range of coefficients');
  }
  return { components, first, last, bitBefore, bit };
}
