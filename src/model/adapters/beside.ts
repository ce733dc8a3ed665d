import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { LORA_TARGETS, targetParameters } from '../../architecture/gpt2/lora.js';
import { Gpt2Error } from '../../base/errors.js';
import { adaptedGpt2 } from '../../checkpoints/peft/adapted_model.js';
import type { WeightedChanges } from '../../checkpoints/peft/adapter.js';
import type { AdapterChoice, AdapterOptions } from './adapter_choice.js';
import { openAdapters } from './open_adapters.js';

/**
 * Reads adapters that a core computes beside its weights: low-rank sums of the matrices of attention and MLP. Throws
 * `unsupported` for those that can only be merged, and as `openAdapters`.
 */
export async function openBeside(
  choices: readonly AdapterChoice[],
  config: ModelConfig,
  options: AdapterOptions,
): Promise<WeightedChanges[]> {
  const adapters = await openAdapters(choices, adaptedGpt2(config), options);
  const matrices = new Set(targetParameters(config, LORA_TARGETS).map(({ name }) => name));
  for (const { adapter } of adapters) {
    const pair = [...adapter.pairs.keys()].find((name) => !matrices.has(name));
    if (pair !== undefined) throw onlyMerged(pair);
    const others = [...(adapter.others ?? [])].flatMap(([name, changes]) =>
      changes.map((change) => ({ name, change })),
    );
    const { name, change } = others.find(({ change }) => change.order !== 'replace') ?? others[0] ?? {};
    if (change !== undefined) throw onlyMerged(`${name} (${change.kind})`);
  }
  return adapters;
}

function onlyMerged(change: string): Gpt2Error {
  return new Gpt2Error(
    'unsupported',
    `an adapter changes ${change}, which is computed only if it is merged into the weights; give it to loadModel as ` +
      'the option adapters, or to gpt2-wasm convert as --adapter',
  );
}
