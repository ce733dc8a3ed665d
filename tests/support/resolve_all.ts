import type { ModelConfig } from '../../src/architecture/gpt2/config.js';
import type { GenerateOptions } from '../../src/generate/options.js';
import { checkRareOptions } from '../../src/generate/rare_options/rare_options.js';
import { resolveOptions } from '../../src/generate/resolve_options.js';
import type { ResolvedOptions } from '../../src/generate/resolved_options.js';

/** Checks common and rare options, and fills in the defaults. */
export function resolveAll(options: GenerateOptions, config: ModelConfig): ResolvedOptions {
  return checkRareOptions(options, resolveOptions(options, config), config);
}
