import { F16, F32 } from '../abi';
import { half4 } from '../half';

/** Decodes `count` numbers into f32. */
export function decode(out: usize, src: usize, dtype: i32, count: i32): void {
  if (dtype == F32) {
    memory.copy(out, src, (<usize>count) << 2);
    return;
  }
  const end = out + ((<usize>(count & ~3)) << 2);
  for (; out < end; out += 16) {
    const bits = v128.load16x4_u(src);
    v128.store(out, dtype == F16 ? half4(bits) : i32x4.shl(bits, 16));
    src += 8;
  }
  for (let i = count & ~3; i < count; i++) {
    const bits = i32x4.splat(load<u16>(src));
    store<f32>(out, f32x4.extract_lane(dtype == F16 ? half4(bits) : i32x4.shl(bits, 16), 0));
    out += 4;
    src += 2;
  }
}
