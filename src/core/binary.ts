import { Gpt2Error } from '../errors.js';
import type { WeightFormat } from './layout.js';

/** `simd`: the same bits on every machine. `relaxed`: faster, the last bits may differ between machines. */
export type Build = 'simd' | 'relaxed';

/** A module of one function `f` whose body is `code`; it returns an i32 or nothing. */
function moduleOf(result: 'i32' | 'nothing', ...code: number[]): Uint8Array<ArrayBuffer> {
  const type = result === 'i32' ? [0x60, 0, 1, 0x7f] : [0x60, 0, 0];
  const body = [0, ...code, 0x0b];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, type.length + 1, 1, ...type],
    ...[3, 2, 1, 0],
    ...[7, 5, 1, 1, 0x66, 0, 0],
    ...[10, body.length + 2, 1, body.length, ...body],
  ]);
}

function probe(...code: number[]): boolean {
  return WebAssembly.validate(moduleOf('nothing', ...code));
}

const v128Const = (byte: number) => [0xfd, 0x0c, ...new Array<number>(16).fill(byte)];
const V128_CONST_0 = v128Const(0);
const DROP = 0x1a;

/** Fixed-width SIMD. */
export function supportsSimd(): boolean {
  return probe(...V128_CONST_0, DROP);
}

/** Relaxed SIMD: f32x4.relaxed_madd. */
export function supportsRelaxedSimd(): boolean {
  return probe(...V128_CONST_0, ...V128_CONST_0, ...V128_CONST_0, 0xfd, 0x85, 0x02, DROP);
}

/**
 * Whether the engine computes relaxed SIMD's 8-bit dot product, which q8 rests on, as specified: V8's baseline
 * compiler did not while relaxed SIMD was an experiment (Node 20 behind a flag).
 */
export function computesRelaxedDot(): boolean {
  // Lane 0 of i32x4.relaxed_dot_i8x16_i7x16_add_s: 4 x -127 x 126 + 7 x 0x01010101.
  const [weights, activations, sum] = [0x81, 126, 7];
  const dot = [...v128Const(weights), ...v128Const(activations), ...v128Const(sum), 0xfd, 0x93, 0x02];
  const module = new WebAssembly.Module(moduleOf('i32', ...dot, 0xfd, 0x1b, 0));
  const { f } = new WebAssembly.Instance(module).exports as { f(): number };
  return f() === 4 * -127 * activations + sum * 0x01010101;
}

/**
 * Whether the engine keeps a tile of 6 rows in registers. V8 up to 12 hoists every load of a loop's
 * body and spills (half the speed of 4 rows); 13 and later do not. 64-bit memories came after that
 * change in V8, so their presence tells, and an engine without them gets the tile that is good everywhere.
 */
export function carriesTallTiles(): boolean {
  return WebAssembly.validate(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 0]));
}

/** Why this engine cannot run the relaxed build with such weights; `undefined` where it can. */
function relaxedHindrance(weights: WeightFormat): string | undefined {
  if (!supportsRelaxedSimd()) return 'this runtime has no relaxed SIMD';
  if (weights === 'q8' && !computesRelaxedDot())
    return "this runtime's relaxed SIMD gives wrong 8-bit products";
  return undefined;
}

/** The build to run: the caller's wish, or the fastest this engine can. Throws `runtime` where it cannot. */
export function chooseBuild(wish: 'auto' | Build, weights: WeightFormat): Build {
  if (typeof WebAssembly === 'undefined' || !supportsSimd()) {
    throw new Gpt2Error(
      'runtime',
      'this runtime has no WebAssembly with fixed-width SIMD; use one from 2021 or later',
    );
  }
  if (wish === 'simd') return 'simd';
  const hindrance = relaxedHindrance(weights);
  if (hindrance === undefined) return 'relaxed';
  if (wish === 'auto') return 'simd';
  throw new Gpt2Error('runtime', `${hindrance}; choose build 'simd' or 'auto'`);
}

// From src/core/ and from build/esm/ the same relative address leads to the binaries; bundlers follow it too.
const BINARIES: Record<Build, URL> = {
  simd: new URL('../../build/wasm/simd.wasm', import.meta.url),
  relaxed: new URL('../../build/wasm/relaxed.wasm', import.meta.url),
};

/** The same for threads on a shared memory. */
const THREADS_BINARIES: Record<Build, URL> = {
  simd: new URL('../../build/wasm/simd-threads.wasm', import.meta.url),
  relaxed: new URL('../../build/wasm/relaxed-threads.wasm', import.meta.url),
};

/** Compiles a build of the core. */
export function compileCore(build: Build, threads: boolean): Promise<WebAssembly.Module> {
  return compileBinary((threads ? THREADS_BINARIES : BINARIES)[build]);
}

/** Compiles a binary of the package. */
export async function compileBinary(url: URL): Promise<WebAssembly.Module> {
  if (url.protocol === 'file:') {
    const { readFileUrl } = await import('../node/read_file_url.js');
    return WebAssembly.compile(await readFileUrl(url));
  }
  return WebAssembly.compileStreaming(fetch(url));
}
