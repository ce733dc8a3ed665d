import { invalidOption } from '../base/check_options.js';
import type { Build } from './binary.js';

/** The custom section in which a binary says what build it is; scripts/build.mjs writes it. */
const BUILD_SECTION = 'gpt2-wasm';

/** Which build a compiled module is. Throws `invalid-option` for anything but a module of this package. */
export function buildOf(module: unknown): Build {
  let build = '';
  try {
    const [section] = WebAssembly.Module.customSections(module as WebAssembly.Module, BUILD_SECTION);
    build = new TextDecoder().decode(section);
  } catch {
    // It is no module of this or another realm.
  }
  if (build === 'simd' || build === 'relaxed') return build;
  throw invalidOption(
    'module',
    module,
    "a WebAssembly.Module compiled from this package's simd.wasm or relaxed.wasm",
  );
}

/** As `buildOf`, of a module that the build that is wished for must suit. Throws `invalid-option`. */
export function suitableBuildOf(module: unknown, wish: 'auto' | Build): Build {
  const build = buildOf(module);
  if (wish === 'auto' || wish === build) return build;
  throw invalidOption('build', wish, `left out or '${build}', as the module is`);
}
