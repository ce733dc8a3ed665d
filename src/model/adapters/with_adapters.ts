import { headsOf } from '../../checkpoints/peft/adapter_heads.js';
import { AdaptedCore } from '../../core/adapters/adapted_core.js';
import type { ModelCore } from '../../core/types.js';
import { type AdapterChoice, type AdapterOptions, checkAdapterOptions } from './adapter_choice.js';
import { openBeside } from './beside.js';

/**
 * Reads adapters and puts them beside a core's weights. They replace those that `core` itself may have. Throws
 * `invalid-option` for wrong options, `unsupported` for adapters that can only be merged.
 */
export async function withAdapters(
  core: ModelCore,
  choices: readonly AdapterChoice[],
  options: AdapterOptions,
): Promise<AdaptedCore> {
  checkAdapterOptions(options);
  const adapters = await openBeside(choices, core.config, options);
  const heads = headsOf(adapters);
  const adapted = new AdaptedCore(core.adapterHost, adapters);
  if (heads === undefined) return adapted;
  try {
    const { adaptHeads } = await import('./adapt_heads.js');
    await adaptHeads(adapted, heads, options.signal);
  } catch (error) {
    adapted.dispose();
    throw error;
  }
  return adapted;
}
