import { AdaptedCore } from '../../core/adapters/adapted_core.js';
import type { ModelCore } from '../../core/types.js';
import type { AdapterChoice, AdapterOptions } from './adapter_choice.js';
import { openAdapters } from './open_adapters.js';

/** Reads adapters and puts them beside a core's weights. They replace those that `core` itself may have. */
export async function withAdapters(
  core: ModelCore,
  choices: readonly AdapterChoice[],
  options: AdapterOptions,
): Promise<AdaptedCore> {
  return new AdaptedCore(core.adapterHost, await openAdapters(choices, core.config, options));
}
