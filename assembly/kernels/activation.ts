import { GELU_ERF, GELU_TANH, RELU, SILU } from '../abi';
import { geluErf4, geluTanh4, sigmoid4, tanh4 } from '../math';

/** Applies the function to `bytes` bytes of f32 in place, a multiple of 16. */
export function activate(kind: i32, x: usize, bytes: usize): void {
  const end = x + bytes;
  switch (kind) {
    case GELU_TANH:
      for (; x < end; x += 16) v128.store(x, geluTanh4(v128.load(x)));
      break;
    case GELU_ERF:
      for (; x < end; x += 16) v128.store(x, geluErf4(v128.load(x)));
      break;
    case RELU:
      for (; x < end; x += 16) v128.store(x, f32x4.max(v128.load(x), f32x4.splat(0)));
      break;
    case SILU:
      for (; x < end; x += 16) {
        const v = v128.load(x);
        v128.store(x, f32x4.mul(v, sigmoid4(v)));
      }
      break;
    default:
      for (; x < end; x += 16) v128.store(x, tanh4(v128.load(x)));
  }
}
