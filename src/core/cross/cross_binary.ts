import { invalidOption } from '../../base/check_options.js';
import { type Build, compileBinary } from '../binary.js';
import { binaryOf } from '../build_of.js';

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

/**
 * A build of the core that has cross-attention and encoders, compiled; `given`: the binary, if the caller has it.
 * Throws as `compileBinary` does, and `invalid-option` for another module.
 */
export async function compileCross(
  build: Build,
  threads: boolean,
  given?: WebAssembly.Module,
): Promise<WebAssembly.Module> {
  const name = `cross-${build}${threads ? '-threads' : ''}`;
  if (given === undefined) return compileBinary(`${name}.wasm`, () => binaryUrl(build, threads));
  if (binaryOf(given) === name) return given;
  throw invalidOption('module', given, `a WebAssembly.Module compiled from this package's ${name}.wasm`);
}
