import { TENSOR_TYPES, type TensorType } from '../checkpoints/gguf/writer.js';

/*
 * Encoders for the simple types and, for every type, the value of one weight by the format's definition:
 * written for reading, one weight at a time, and apart from the package's decoder.
 */

/** The half-precision number nearest to a number, ties to even, as its bits. */
export function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  // The unit in the last place, at least the smallest subnormal.
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14);
  const unit = 2 ** (exponent - 10);
  const units = magnitude / unit;
  let rounded = Math.floor(units);
  const rest = units - rounded;
  if (rest > 0.5 || (rest === 0.5 && rounded % 2 === 1)) rounded++;
  // A carry into the exponent comes out right by itself.
  return sign | (((exponent + 14) << 10) + rounded);
}

/** The value of half-precision bits: f32 bits with the exponent moved, subnormals by their definition. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const rest = bits & 0x7fff;
  if (rest < 0x400) return (sign * rest) / 2 ** 24;
  if (rest >= 0x7c00) return rest === 0x7c00 ? sign * Infinity : Number.NaN;
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, (rest << 13) + (112 << 23));
  return sign * view.getFloat32(0);
}

/** The 16 levels of IQ4_NL and IQ4_XS (kvalues_iq4nl of ggml-common.h). */
const IQ4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

/** Offsets of the half-precision numbers in a block. */
export const HALVES = {
  ...{ Q4_0: [0], Q4_1: [0, 2], Q5_0: [0], Q5_1: [0, 2], Q8_0: [0], Q4_K: [0, 2], Q5_K: [0, 2], Q6_K: [208] },
  ...{ Q2_K: [80, 82], Q3_K: [108], IQ4_NL: [0], IQ4_XS: [0], MXFP4: [] },
} satisfies Partial<Record<TensorType, readonly number[]>>;

/** Stores numbers in a type that is not a K-quant. */
export function encode(type: TensorType, values: Float32Array): Uint8Array {
  // Plain numbers at once: a block for each would take most of the tests' time.
  if (type === 'F32') return new Uint8Array(values.slice().buffer);
  if (type === 'F16') return new Uint8Array(Uint16Array.from(values, toHalf).buffer);
  if (type === 'BF16') {
    const bits = new Uint32Array(values.slice().buffer);
    return new Uint8Array(Uint16Array.from(bits, (wide) => wide >>> 16).buffer);
  }
  const { weights, bytes } = TENSOR_TYPES[type];
  const out = new Uint8Array((values.length / weights) * bytes);
  const view = new DataView(out.buffer);
  for (let block = 0; block * weights < values.length; block++) {
    const x = [...values.subarray(block * weights, (block + 1) * weights)];
    encodeBlock(type, x, view, block * bytes);
  }
  return out;
}

function encodeBlock(type: TensorType, x: readonly number[], view: DataView, at: number): void {
  const half = (offset: number, value: number) => {
    const bits = toHalf(value);
    view.setUint16(at + offset, bits, true);
    return fromHalf(bits);
  };
  const largest = x.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  const min = Math.min(...x);
  const max = Math.max(...x);
  /** Integers from 0 to levels - 1 with x = d (q - zero) + m. */
  const quantize = (d: number, m: number, zero: number, levels: number) =>
    x.map((value) => Math.min(levels - 1, Math.max(0, d === 0 ? zero : Math.round((value - m) / d) + zero)));
  const nibbles = (offset: number, q: readonly number[]) => {
    for (let i = 0; i < 16; i++) view.setUint8(at + offset + i, (q[i]! % 16) + 16 * (q[i + 16]! % 16));
  };
  const fifthBits = (offset: number, q: readonly number[]) => {
    const bits = q.reduce((sum, value, i) => sum + (value >= 16 ? 2 ** i : 0), 0);
    view.setUint32(at + offset, bits, true);
  };
  switch (type) {
    case 'Q8_0': {
      const d = half(0, Math.abs(largest) / 127);
      const q = quantize(d, 0, 127, 255);
      q.forEach((value, i) => {
        view.setInt8(at + 2 + i, value - 127);
      });
      return;
    }
    case 'Q4_0':
      nibbles(2, quantize(half(0, largest / -8), 0, 8, 16));
      return;
    case 'Q4_1': {
      const d = half(0, (max - min) / 15);
      nibbles(4, quantize(d, half(2, min), 0, 16));
      return;
    }
    case 'Q5_0': {
      const q = quantize(half(0, largest / -16), 0, 16, 32);
      fifthBits(2, q);
      nibbles(6, q);
      return;
    }
    case 'Q5_1': {
      const d = half(0, (max - min) / 31);
      const q = quantize(d, half(2, min), 0, 32);
      fifthBits(4, q);
      nibbles(8, q);
      return;
    }
    default:
      throw new Error(`no encoder for ${type}`);
  }
}

/** What a scale of each type, and then a minimum, is multiplied by at most. */
const LARGEST = {
  ...{ Q4_K: [64 * 16, 128], Q5_K: [64 * 16, 128], Q6_K: [128 * 32], Q2_K: [15 * 3, 15], Q3_K: [32 * 4] },
  ...{ IQ4_NL: [127], IQ4_XS: [32 * 127], MXFP4: [] },
} as const;

type Unencoded = keyof typeof LARGEST;

/** Whether `encode` writes a type. */
export const isEncoded = (type: TensorType): type is Exclude<TensorType, Unencoded> => !(type in LARGEST);

/** Random blocks of a type without an encoder, whose scales make weights of about `size`. */
export function randomBlocks(
  type: Unencoded,
  blocks: number,
  size: number,
  below: (limit: number) => number,
): Uint8Array {
  const { bytes } = TENSOR_TYPES[type];
  const out = Uint8Array.from({ length: blocks * bytes }, () => below(256));
  const view = new DataView(out.buffer);
  for (let at = 0; at < out.length; at += bytes) {
    const scale = size * (0.5 + below(100) / 100);
    for (const [i, offset] of HALVES[type].entries()) {
      view.setUint16(at + offset, toHalf(scale / LARGEST[type][i]!), true);
    }
    if (type === 'MXFP4') view.setUint8(at, 127 + Math.round(Math.log2(scale / 6)));
  }
  return out;
}

/** Every weight of stored blocks. */
export function decode(type: TensorType, stored: Uint8Array): Float32Array {
  if (type === 'F32') return new Float32Array(stored.slice().buffer);
  const { weights, bytes } = TENSOR_TYPES[type];
  const weight = weightReader(type, new DataView(stored.buffer, stored.byteOffset));
  return Float32Array.from({ length: (stored.length / bytes) * weights }, (_, i) =>
    weight(Math.floor(i / weights) * bytes, i % weights),
  );
}

/** Reads weight i of the block at byte `at`. */
function weightReader(type: Exclude<TensorType, 'F32'>, view: DataView): (at: number, i: number) => number {
  let at = 0;
  let i = 0;
  const byte = (offset: number) => view.getUint8(at + offset);
  const half = (offset: number) => fromHalf(view.getUint16(at + offset, true));
  /** Of 32 weights from `start`, the first 16 are low nibbles and the last 16 high ones. */
  const nibbleOf16 = (start: number) =>
    i < 16 ? byte(start + i) % 16 : Math.floor(byte(start + i - 16) / 16);
  const fifth = (start: number) => Math.floor(view.getUint32(at + start, true) / 2 ** i) % 2;
  function read(): number {
    switch (type) {
      case 'F16':
        return half(0);
      case 'BF16': {
        const wide = new DataView(new ArrayBuffer(4));
        wide.setUint16(2, view.getUint16(at, true), true);
        return wide.getFloat32(0, true);
      }
      case 'Q8_0':
        return half(0) * view.getInt8(at + 2 + i);
      case 'Q4_0':
        return half(0) * (nibbleOf16(2) - 8);
      case 'Q4_1':
        return half(0) * nibbleOf16(4) + half(2);
      case 'Q5_0':
        return half(0) * (nibbleOf16(6) + 16 * fifth(2) - 16);
      case 'Q5_1':
        return half(0) * (nibbleOf16(8) + 16 * fifth(4)) + half(2);
      case 'Q4_K':
      case 'Q5_K': {
        // 8 sub-blocks of 32: two share 32 bytes, the even one has the low nibbles.
        const sub = Math.floor(i / 32);
        const quants = type === 'Q4_K' ? 16 : 48;
        const pair = byte(quants + 32 * Math.floor(sub / 2) + (i % 32));
        let q = sub % 2 === 0 ? pair % 16 : Math.floor(pair / 16);
        if (type === 'Q5_K') q += 16 * (Math.floor(byte(16 + (i % 32)) / 2 ** sub) % 2);
        // Bytes 4 to 15: 6-bit scales and minimums of the first four, then 4 low bits of the last four,
        // whose 2 high bits are on top of the first eight bytes.
        const packed = (j: number) => byte(4 + j);
        const top = (j: number) => Math.floor(packed(j) / 64);
        const scale = sub < 4 ? packed(sub) % 64 : (packed(sub + 4) % 16) + 16 * top(sub - 4);
        const minimum = sub < 4 ? packed(sub + 4) % 64 : Math.floor(packed(sub + 4) / 16) + 16 * top(sub);
        return half(0) * scale * q - half(2) * minimum;
      }
      case 'Q6_K': {
        // Two halves of 128; in each, weight r has low bits in byte r % 64, high bits in byte r % 32.
        const part = Math.floor(i / 128);
        const r = i % 128;
        const pair = byte(64 * part + (r % 64));
        const low = r < 64 ? pair % 16 : Math.floor(pair / 16);
        const high = Math.floor(byte(128 + 32 * part + (r % 32)) / 4 ** Math.floor(r / 32)) % 4;
        return half(208) * view.getInt8(at + 192 + Math.floor(i / 16)) * (low + 16 * high - 32);
      }
      case 'IQ4_NL':
        return half(0) * IQ4[nibbleOf16(2)]!;
      case 'IQ4_XS': {
        // 8 sub-blocks of 32, each laid out as a block of IQ4_NL without its scale.
        const sub = Math.floor(i / 32);
        const low = Math.floor(byte(4 + Math.floor(sub / 2)) / 16 ** (sub % 2)) % 16;
        const high = Math.floor(view.getUint16(at + 2, true) / 4 ** sub) % 4;
        const pair = byte(8 + 16 * sub + (i % 16));
        return half(0) * (low + 16 * high - 32) * IQ4[i % 32 < 16 ? pair % 16 : Math.floor(pair / 16)]!;
      }
      case 'MXFP4': {
        // A sign, an exponent of 2 bits with bias 1, and a bit of the fraction; the scale is a power of two.
        const q = nibbleOf16(1);
        const exponent = Math.floor(q / 2) % 4;
        const magnitude = exponent === 0 ? (q % 2) / 2 : 2 ** (exponent - 1) * (1 + (q % 2) / 2);
        return 2 ** (byte(0) - 127) * (q < 8 || magnitude === 0 ? magnitude : -magnitude);
      }
      case 'Q2_K':
      case 'Q3_K': {
        // Two halves of 128; in each, weight r has its two low bits in byte r % 32, four weights a byte.
        const part = Math.floor(i / 128);
        const r = i % 128;
        const first = type === 'Q2_K' ? 16 : 32;
        const q = Math.floor(byte(first + 32 * part + (r % 32)) / 4 ** Math.floor(r / 32)) % 4;
        const sub = Math.floor(i / 16);
        if (type === 'Q2_K') {
          return half(80) * (byte(sub) % 16) * q - half(82) * Math.floor(byte(sub) / 16);
        }
        // The third bit of weight i is bit i / 32 of byte i % 32. Bytes 96 to 107: 4 low bits of the scales of
        // sub-blocks 0 to 7 and, above them, 8 to 15; then 2 high bits, of sub-blocks 0 to 3 the lowest.
        const third = Math.floor(byte(i % 32) / 2 ** Math.floor(i / 32)) % 2;
        const low = Math.floor(byte(96 + (sub % 8)) / 16 ** Math.floor(sub / 8)) % 16;
        const high = Math.floor(byte(104 + (sub % 4)) / 4 ** Math.floor(sub / 4)) % 4;
        return half(108) * (low + 16 * high - 32) * (q + 4 * third - 4);
      }
    }
  }
  return (block, index) => {
    at = block;
    i = index;
    return read();
  };
}
