/** Which elements are dropped, and the factor of the others; written by src/core/training/structs.ts. */
@unmanaged
export class Dropout {
  /** Key of the generator: the run's seed. */
  seed: u32;
  /** Key of the generator: which pass of the run. */
  pass: u32;
  /** An element is kept if its 32 random bits are at least this; 0 keeps all. */
  threshold: u32;
  /** 1 / (1 - rate) */
  scale: f32;
}

const PARITY: u32 = 0x1bd11bda;

// @ts-ignore: decorator
@inline
function mix(x0: v128, x1: v128, bits: i32): v128 {
  return v128.xor(v128.or(i32x4.shl(x1, bits), i32x4.shr_u(x1, 32 - bits)), x0);
}

/**
 * The first word of Threefry-2x32 (20 rounds, Salmon et al. 2011) for four counters, as `threefry2x32` in
 * src/base/random.ts has it: no mask is stored, the backward pass computes it again.
 */
// @ts-ignore: decorator
@inline
export function random4(dropout: Dropout, counters: v128, site: u32): v128 {
  const k0 = i32x4.splat(dropout.seed);
  const k1 = i32x4.splat(dropout.pass);
  const k2 = i32x4.splat(PARITY ^ dropout.seed ^ dropout.pass);
  let x0 = i32x4.add(counters, k0);
  let x1 = i32x4.add(i32x4.splat(site), k1);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 13);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 15);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 26);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 6);
  x0 = i32x4.add(x0, k1);
  x1 = i32x4.add(i32x4.add(x1, k2), i32x4.splat(1));
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 17);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 29);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 16);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 24);
  x0 = i32x4.add(x0, k2);
  x1 = i32x4.add(i32x4.add(x1, k0), i32x4.splat(2));
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 13);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 15);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 26);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 6);
  x0 = i32x4.add(x0, k0);
  x1 = i32x4.add(i32x4.add(x1, k1), i32x4.splat(3));
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 17);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 29);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 16);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 24);
  x0 = i32x4.add(x0, k1);
  x1 = i32x4.add(i32x4.add(x1, k2), i32x4.splat(4));
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 13);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 15);
  x0 = i32x4.add(x0, x1);
  x1 = mix(x0, x1, 26);
  x0 = i32x4.add(x0, x1);
  return i32x4.add(x0, k2);
}

/** Factors of four elements: `scale`, or 0 if dropped. */
// @ts-ignore: decorator
@inline
export function factors4(dropout: Dropout, counters: v128, site: u32): v128 {
  const kept = i32x4.ge_u(random4(dropout, counters, site), i32x4.splat(dropout.threshold));
  return v128.and(kept, f32x4.splat(dropout.scale));
}

/**
 * out = x with elements dropped and the others scaled, `bytes` bytes of f32, a multiple of 16, the first of
 * which is element `first` of the tensor `site`; `out` may be x. The gradient is the same function.
 * Srivastava et al. 2014.
 */
export function dropElements(dropout: Dropout, out: usize, x: usize, bytes: usize, first: u32, site: u32): void {
  let counters = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  for (const end = x + bytes; x < end; x += 16, out += 16) {
    v128.store(out, f32x4.mul(v128.load(x), factors4(dropout, counters, site)));
    counters = i32x4.add(counters, i32x4.splat(4));
  }
}
