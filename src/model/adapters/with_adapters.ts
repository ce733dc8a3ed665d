import { AdaptedCore } from '../../core/adapters/adapted_core.js';
import type { ModelCore } from '../../core/types.js';
import type { AdapterChoice, AdapterOptions } from './adapter_choice.js';
import { openBeside } from './beside.js';

/**
 * Reads adapters and puts them beside a core's weights. They replace those that `core` itself may have. Throws
 * `unsupported` for those that can only be merged.
 */
export async function withAdapters(
  core: ModelCore,
  choices: readonly AdapterChoice[],
  options: AdapterOptions,
): Promise<AdaptedCore> {
  return new AdaptedCore(core.adapterHost, await openBeside(choices, core.config, options));
}
