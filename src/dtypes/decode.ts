import { dequantize } from './dequantize.js';
import { fromHalf } from './from_half.js';
import { BLOCK_SIZES, isBlockType, type TensorType } from './tensor_types.js';

/** Bytes of `weights` stored numbers, which must be whole blocks. */
export function storedBytes(type: TensorType, weights: number): number {
  const block = BLOCK_SIZES[type];
  return (weights / block.weights) * block.bytes;
}

/** Decodes stored numbers of any type into f32. `bytes` are little-endian, whole numbers or blocks. */
export function decode(type: TensorType, bytes: Uint8Array, out: Float32Array<ArrayBuffer>): void {
  if (isBlockType(type)) dequantize(type, bytes, out);
  else if (type === 'F32') new Uint8Array(out.buffer, out.byteOffset).set(bytes);
  else if (type === 'F16') for (let i = 0; 2 * i < bytes.length; i++) out[i] = fromHalf(bytes, 2 * i);
  else decodeBF16(bytes, out);
}

/** A bf16 number is the upper half of an f32. */
function decodeBF16(bytes: Uint8Array, out: Float32Array<ArrayBuffer>): void {
  const bits = new Uint32Array(out.buffer, out.byteOffset);
  for (let i = 0; 2 * i < bytes.length; i++) bits[i] = (bytes[2 * i]! << 16) | (bytes[2 * i + 1]! << 24);
}
