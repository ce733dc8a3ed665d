import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { CROSS_LORA_TARGETS, LORA_TARGETS, type LoraTarget } from '../../architecture/gpt2/lora.js';
import { modelParameters, type Parameter } from '../../architecture/gpt2/parameters.js';

/** The parameters of a model that an adapter may change, and their names in PEFT's files. */
export interface AdaptedModel {
  /** All parameters of the model, with a head of its own even if that is tied to the embedding. */
  readonly parameters: readonly Parameter[];
  /** Whether the head is the embedding as long as adapters change both in the same way. */
  readonly isHeadTied: boolean;
  /** Matrices of a layer that usual adapters change, for messages. */
  readonly targets: readonly LoraTarget[];
  /** PEFT's kind of the model, if it has one. */
  readonly task: 'CAUSAL_LM' | null;
  /** The name of a parameter in the model's own files. */
  nameOf(parameter: string): string;
}

export const EMBEDDING = 'wte.weight';
export const POSITIONS = 'wpe.weight';
export const HEAD = 'lm_head.weight';

/** A GPT-2 of this config, whose attention to encoder states may be changed too. */
export function adaptedGpt2(config: ModelConfig): AdaptedModel {
  return {
    parameters: modelParameters({ ...config, tiedHead: false }),
    isHeadTied: config.tiedHead,
    targets: config.crossAttention ? [...LORA_TARGETS, ...CROSS_LORA_TARGETS] : LORA_TARGETS,
    task: 'CAUSAL_LM',
    nameOf: gpt2Name,
  };
}

export function gpt2Name(parameter: string): string {
  return parameter === HEAD ? parameter : `transformer.${parameter}`;
}
