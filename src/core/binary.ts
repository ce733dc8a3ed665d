import { Gpt2Error } from '../errors.js';

/** `simd`: the same bits on every machine. `relaxed`: faster, the last bits may differ between machines. */
export type Build = 'simd' | 'relaxed';

/** A module of one function whose body is `code` and returns nothing. */
function probe(...code: number[]): boolean {
  const body = [0, ...code, 0x0b];
  return WebAssembly.validate(
    new Uint8Array([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...[1, 4, 1, 0x60, 0, 0],
      ...[3, 2, 1, 0],
      ...[10, body.length + 2, 1, body.length, ...body],
    ]),
  );
}

const V128_CONST_0 = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
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
 * Whether the engine keeps a tile of 6 rows in registers. V8 up to 12 hoists every load of a loop's
 * body and spills (half the speed of 4 rows); 13 and later do not. 64-bit memories came after that
 * change in V8, so their presence tells, and an engine without them gets the tile that is good everywhere.
 */
export function carriesTallTiles(): boolean {
  return WebAssembly.validate(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 0]));
}

/** The build to run: the caller's wish, or the fastest this engine can. Throws `runtime` where it cannot. */
export function chooseBuild(wish: 'auto' | Build): Build {
  if (typeof WebAssembly === 'undefined' || !supportsSimd()) {
    throw new Gpt2Error(
      'runtime',
      'this runtime has no WebAssembly with fixed-width SIMD; use one from 2021 or later',
    );
  }
  if (wish === 'simd') return 'simd';
  if (supportsRelaxedSimd()) return 'relaxed';
  if (wish === 'auto') return 'simd';
  throw new Gpt2Error('runtime', "this runtime has no relaxed SIMD; choose build 'simd' or 'auto'");
}

// From src/core/ and from build/esm/ the same relative address leads to the binaries; bundlers follow it too.
const BINARIES: Record<Build, URL> = {
  simd: new URL('../../build/wasm/simd.wasm', import.meta.url),
  relaxed: new URL('../../build/wasm/relaxed.wasm', import.meta.url),
};

/** Compiles a build of the core. */
export async function compileCore(build: Build): Promise<WebAssembly.Module> {
  const url = BINARIES[build];
  if (url.protocol === 'file:') {
    const { readFileUrl } = await import('../node/read_file_url.js');
    return WebAssembly.compile(await readFileUrl(url));
  }
  return WebAssembly.compileStreaming(fetch(url));
}
