import { type Build, compileBinary } from '../binary.js';

// Not in core/binary.ts, so that bundlers include these binaries only with models that need them.
function binaryUrl(build: Build, threads: boolean): URL {
  if (threads) {
    return build === 'simd'
      ? new URL('../../build/wasm/cross-simd-threads.wasm', import.meta.url)
      : new URL('../../build/wasm/cross-relaxed-threads.wasm', import.meta.url);
  }
  return build === 'simd'
    ? new URL('../../build/wasm/cross-simd.wasm', import.meta.url)
    : new URL('../../build/wasm/cross-relaxed.wasm', import.meta.url);
}

/** Compiles a build of the core that has cross-attention and encoders. */
export function compileCross(build: Build, threads: boolean): Promise<WebAssembly.Module> {
  return compileBinary(`cross-${build}${threads ? '-threads' : ''}.wasm`, () => binaryUrl(build, threads));
}
