import { invalidOption } from '../base/check_options.js';
import type { Build } from './binary.js';

/** The custom section of a binary that names its build; scripts/build.mjs writes it. */
const BUILD_SECTION = 'gpt2-wasm';

/** The name of a binary of this package, from its compiled module; empty for anything else. */
export function binaryOf(module: unknown): string {
  try {
    const [section] = WebAssembly.Module.customSections(module as WebAssembly.Module, BUILD_SECTION);
    return new TextDecoder().decode(section);
  } catch {
    // It is not a module, of this realm or another.
    return '';
  }
}

/** The build of a compiled module. Throws `invalid-option` for anything but a module of this package. */
export function buildOf(module: unknown): Build {
  const build = binaryOf(module).replace('cross-', '');
  if (build === 'simd' || build === 'relaxed') return build;
  throw invalidOption(
    'module',
    module,
    "a WebAssembly.Module compiled from this package's simd.wasm or relaxed.wasm, or with cross-attention from cross-simd.wasm or cross-relaxed.wasm",
  );
}

/** The build of a compiled module. Throws `invalid-option` also if it is not the requested build. */
export function suitableBuildOf(module: unknown, wish: 'auto' | Build): Build {
  const build = buildOf(module);
  if (wish === 'auto' || wish === build) return build;
  throw invalidOption('build', wish, `left out or '${build}', as the module is`);
}
