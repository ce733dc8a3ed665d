/**
 * The bytes of a safetensors file with its 32-bit numbers in 16 bits: half as long. What `CaptionTrainer.save` writes is
 * such a file.
 */
export function halved(bytes) {
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
  const numbers = new Float32Array(new Uint8Array(bytes.subarray(8 + headerLength)).buffer);
  for (const [name, tensor] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    tensor.dtype = 'F16';
    tensor.data_offsets = tensor.data_offsets.map((offset) => offset / 2);
  }
  const text = JSON.stringify(header);
  const padded = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const out = new Uint8Array(8 + padded.length + 2 * numbers.length);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(padded.length), true);
  out.set(padded, 8);
  numbers.forEach((value, index) => {
    view.setUint16(8 + padded.length + 2 * index, half(value), true);
  });
  return out;
}

const WORD = new DataView(new ArrayBuffer(4));

/** The nearest half-precision number as its 16 bits; between two, the one that ends in 0. */
function half(value) {
  WORD.setFloat32(0, value);
  const bits = WORD.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // Below 2^-14: multiples of 2^-24. Adding 2^-1, whose last bit is 2^-24, rounds to one.
  if (magnitude < 0x38800000) {
    WORD.setFloat32(0, Math.abs(value) + 0.5);
    return sign | (WORD.getUint32(0) - 0x3f000000);
  }
  if (magnitude >= 0x477ff000) throw new RangeError(`${value} does not fit 16 bits`);
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
}
