import { AdaptedCore } from '../../core/adapters/adapted_core.js';
import type { ModelCore } from '../../core/types.js';
import type { WasmCore } from '../../core/wasm_core.js';
import type { AdapterChoice, AdapterOptions } from './choice.js';
import { openAdapters } from './open_adapters.js';

/** Reads adapters and puts them beside the weights of a core, or of the one that an adapted core shares them with. */
export async function withAdapters(
  core: ModelCore,
  choices: readonly AdapterChoice[],
  options: AdapterOptions,
): Promise<AdaptedCore> {
  const base = core instanceof AdaptedCore ? core.base : (core as WasmCore);
  return new AdaptedCore(base, await openAdapters(choices, core.config, options));
}
