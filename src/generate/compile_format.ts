import type { CompiledFormat, Format } from './constraints/format.js';

/**
 * Compiles the form of a text, for the option `format` of `generate` and for checking texts with `accepts`. Throws
 * `invalid-option` for a format that is wrong, that no text has, that is too complex, or that has a part that is not
 * supported, which the message names.
 *
 * While it is in use, a compiled format keeps up to 16 MB of masks for each vocabulary. The latest four formats that
 * `generate` has compiled stay in memory.
 */
export async function compileFormat(format: Format): Promise<CompiledFormat> {
  // Loaded on demand, since few texts have a format.
  const { compile } = await import('./constraints/compile_format.js');
  return compile(format);
}
