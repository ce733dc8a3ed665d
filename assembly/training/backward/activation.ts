import { GELU_ERF, GELU_TANH, RELU, SILU } from '../../abi';
import { geluErfSlope4, geluTanhSlope4, sigmoid4, tanh4 } from '../../math';
import { madd } from '../../simd';

/**
 * dy *= f'(x) on `bytes` bytes of f32, a multiple of 16: the gradient of `activate`'s input from that of its
 * output.
 */
export function activateBackward(kind: i32, dy: usize, x: usize, bytes: usize): void {
  const end = x + bytes;
  switch (kind) {
    case GELU_TANH:
      for (; x < end; x += 16, dy += 16) v128.store(dy, f32x4.mul(v128.load(dy), geluTanhSlope4(v128.load(x))));
      break;
    case GELU_ERF:
      for (; x < end; x += 16, dy += 16) v128.store(dy, f32x4.mul(v128.load(dy), geluErfSlope4(v128.load(x))));
      break;
    case RELU:
      for (; x < end; x += 16, dy += 16) {
        v128.store(dy, v128.and(v128.load(dy), f32x4.gt(v128.load(x), f32x4.splat(0))));
      }
      break;
    case SILU:
      for (; x < end; x += 16, dy += 16) {
        const v = v128.load(x);
        const s = sigmoid4(v);
        const slope = madd(f32x4.mul(v, s), f32x4.sub(f32x4.splat(1), s), s);
        v128.store(dy, f32x4.mul(v128.load(dy), slope));
      }
      break;
    default:
      for (; x < end; x += 16, dy += 16) {
        const t = tanh4(v128.load(x));
        const slope = f32x4.sub(f32x4.splat(1), f32x4.mul(t, t));
        v128.store(dy, f32x4.mul(v128.load(dy), slope));
      }
  }
}
