import { LORA_TARGETS } from '../../architecture/gpt2/lora.js';
import { Gpt2Error } from '../../base/errors.js';
import { AdaptedCore } from '../../core/adapters/adapted_core.js';
import type { ModelCore } from '../../core/types.js';
import type { AdapterChoice, AdapterOptions } from './adapter_choice.js';
import { openAdapters } from './open_adapters.js';

const isOwn = (target: string) => (LORA_TARGETS as readonly string[]).includes(target);

/**
 * Reads adapters and puts them beside a core's weights. They replace those that `core` itself may have. Throws
 * `unsupported` for those of attention to encoder states, which has no place for them.
 */
export async function withAdapters(
  core: ModelCore,
  choices: readonly AdapterChoice[],
  options: AdapterOptions,
): Promise<AdaptedCore> {
  const adapters = await openAdapters(choices, core.config, options);
  const across = adapters.flatMap(({ adapter }) => adapter.targets).find((target) => !isOwn(target));
  if (across !== undefined) {
    throw new Gpt2Error(
      'unsupported',
      `an adapter changes ${across}, which only weights that it is merged into can have; give it to loadModel as the ` +
        'option adapters',
    );
  }
  return new AdaptedCore(core.adapterHost, adapters);
}
