import type { BitReader } from './bit_reader.js';
import { damagedJpeg } from './damaged.js';
import type { Component, Frame } from './frame.js';
import type { HuffmanTable } from './huffman.js';
import { inverseDct } from './inverse_dct.js';
import type { Scan, ScanComponent } from './scan_header.js';
import { ZIGZAG } from './zigzag.js';

/** Decodes the blocks of a scan, one after the other. */
export interface BlockDecoder {
  /** Decodes the next block, the `index`-th of its component. */
  decode(part: ScanComponent, index: number): void;
  /** Forgets what a restart marker ends. */
  restart(): void;
}

/** The decoder for a kind of scan. Throws `invalid-file` if a Huffman table is missing. */
export function blockDecoder(reader: BitReader, frame: Frame, scan: Scan): BlockDecoder {
  const { first, bitBefore } = scan;
  const needsDc = !frame.isProgressive || (first === 0 && bitBefore === 0);
  const needsAc = !frame.isProgressive || first > 0;
  for (const { dc, ac } of scan.components) {
    if ((needsDc && dc === undefined) || (needsAc && ac === undefined))
      throw damagedJpeg('a Huffman table is missing');
  }
  const restart = (): void => {
    for (const part of scan.components) part.predicted = 0;
  };
  if (!frame.isProgressive) return { restart, decode: sequential(reader) };
  if (first === 0) return { restart, decode: bitBefore === 0 ? firstDc(reader, scan) : nextDc(reader, scan) };
  return bitBefore === 0 ? firstAc(reader, scan) : nextAc(reader, scan);
}

/** The next DC coefficient. */
function dcOf(reader: BitReader, part: ScanComponent): number {
  const size = reader.symbol(part.dc!);
  if (size > 15) throw damagedJpeg('a coefficient has more than 15 bits');
  // Sums of damaged files wrap around, as in libjpeg.
  part.predicted = ((part.predicted + reader.signed(size)) << 16) >> 16;
  return part.predicted;
}

function sequential(reader: BitReader): BlockDecoder['decode'] {
  const block = new Int32Array(64);
  return (part, index) => {
    const { component } = part;
    const steps = component.steps!;
    const ac = part.ac as HuffmanTable;
    block[0] = dcOf(reader, part) * steps[0]!;
    let k = 1;
    let isFlat = true;
    for (; k < 64; k++) {
      const symbol = reader.symbol(ac);
      const size = symbol & 15;
      if (size === 0) {
        if (symbol !== 0xf0) break;
        k += 15;
        continue;
      }
      k += symbol >> 4;
      if (k > 63) throw damagedJpeg('a block has more than 64 coefficients');
      const at = ZIGZAG[k]!;
      block[at] = reader.signed(size) * steps[at]!;
      isFlat = false;
    }
    writeBlock(block, isFlat, component, index);
  };
}

/** Turns the coefficients of a progressive file, which all scans have been added to, into samples. */
export function writeBlocks(component: Component): void {
  const { coefficients, steps } = component;
  const block = new Int32Array(64);
  for (let index = 0, from = 0; from < coefficients.length; index++, from += 64) {
    let any = 0;
    for (let i = 0; i < 64; i++) {
      const value = coefficients[from + i]!;
      block[i] = value * steps![i]!;
      if (i > 0) any |= value;
    }
    writeBlock(block, any === 0, component, index);
  }
}

function writeBlock(block: Int32Array, isFlat: boolean, component: Component, index: number): void {
  const { blocksWide, samples } = component;
  const stride = blocksWide * 8;
  const row = Math.floor(index / blocksWide);
  inverseDct(block, isFlat, samples, row * 8 * stride + (index - row * blocksWide) * 8, stride);
}

function firstDc(reader: BitReader, { bit }: Scan): BlockDecoder['decode'] {
  return (part, index) => {
    part.component.coefficients[index * 64] = dcOf(reader, part) * (1 << bit);
  };
}

function nextDc(reader: BitReader, { bit }: Scan): BlockDecoder['decode'] {
  return (part, index) => {
    if (reader.bits(1) === 1) part.component.coefficients[index * 64]! |= 1 << bit;
  };
}

/** The blocks in a row that end with this one, by the symbol of such a run. */
function runOf(reader: BitReader, symbol: number): number {
  const size = symbol >> 4;
  return (1 << size) + reader.bits(size);
}

function firstAc(reader: BitReader, { first, last, bit, components }: Scan): BlockDecoder {
  const ac = components[0]!.ac as HuffmanTable;
  let ended = 0;
  return {
    restart: () => {
      ended = 0;
    },
    decode: ({ component: { coefficients } }, index) => {
      if (ended > 0) {
        ended--;
        return;
      }
      for (let k = first; k <= last; k++) {
        const symbol = reader.symbol(ac);
        const size = symbol & 15;
        if (size === 0 && symbol < 0xf0) {
          ended = runOf(reader, symbol) - 1;
          return;
        }
        k += symbol >> 4;
        if (size === 0) continue;
        if (k > 63) throw damagedJpeg('a block has more than 64 coefficients');
        coefficients[index * 64 + ZIGZAG[k]!] = reader.signed(size) * (1 << bit);
      }
    },
  };
}

function nextAc(reader: BitReader, { first, last, bit, components }: Scan): BlockDecoder {
  const ac = components[0]!.ac as HuffmanTable;
  const one = 1 << bit;
  let ended = 0;

  /** Reads the next bit of a coefficient that is not 0. */
  const refine = (coefficients: Int16Array, at: number): void => {
    const value = coefficients[at]!;
    if (reader.bits(1) === 1 && (value & one) === 0) coefficients[at] = value + (value > 0 ? one : -one);
  };

  /** Refines coefficients from the k-th on, over `zeros` that stay 0; returns the number of the next 0. */
  const skip = (coefficients: Int16Array, from: number, k: number, zeros: number): number => {
    let left = zeros;
    for (let next = k; next <= last; next++) {
      const at = from + ZIGZAG[next]!;
      if (coefficients[at] !== 0) refine(coefficients, at);
      else if (left-- === 0) return next;
    }
    return last + 1;
  };

  return {
    restart: () => {
      ended = 0;
    },
    decode: ({ component: { coefficients } }, index) => {
      const from = index * 64;
      let k = first;
      while (ended === 0 && k <= last) {
        const symbol = reader.symbol(ac);
        const size = symbol & 15;
        if (size === 0 && symbol < 0xf0) {
          ended = runOf(reader, symbol);
          break;
        }
        const value = size === 0 ? 0 : reader.bits(1) === 1 ? one : -one;
        k = skip(coefficients, from, k, symbol >> 4);
        if (value !== 0) {
          if (k > last) throw damagedJpeg('a block has more coefficients than its scan');
          coefficients[from + ZIGZAG[k]!] = value;
        }
        k++;
      }
      if (ended === 0) return;
      skip(coefficients, from, k, 64);
      ended--;
    },
  };
}
