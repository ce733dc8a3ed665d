import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import type { StoredModel } from '../stored_model.js';
import { type GgufHeader, MAX_DIMENSIONS } from './header.js';

/** GGUF's names for the parts of a parameter's name. */
const PARTS: Readonly<Record<string, string>> = {
  wte: 'token_embd',
  wpe: 'position_embd',
  ln_f: 'output_norm',
  lm_head: 'output',
  ln_1: 'attn_norm',
  'attn.c_attn': 'attn_qkv',
  'attn.c_proj': 'attn_output',
  ln_2: 'ffn_norm',
  'mlp.c_fc': 'ffn_up',
  'mlp.c_proj': 'ffn_down',
};

/** The name that GGUF has for a parameter: `h.3.mlp.c_fc.bias` is `blk.3.ffn_up.bias`. */
export function ggufName(parameter: string): string {
  const [, layer, part, end] = /^(?:h(\.\d+\.))?(.+)(\.\w+)$/.exec(parameter)!;
  return (layer === undefined ? '' : `blk${layer}`) + PARTS[part!] + end;
}

/**
 * A parameter as GGUF stores it: a matrix has a row for each output; Hugging Face's Conv1D has a column for
 * it.
 */
export function storedParameter(parameter: Parameter): Parameter {
  if (parameter.kind !== 'conv1d') return parameter;
  return { name: parameter.name, kind: 'linear', shape: [...parameter.shape].reverse() };
}

/** How a GGUF file stores a model of this config. */
export function ggufModel({ source }: GgufHeader, { layers }: ModelConfig): StoredModel {
  return {
    source,
    layers,
    config: 'the metadata',
    layersField: 'gpt2.block_count',
    layerPrefix: 'blk',
    canonicalName: (stored) => stored,
    nameOf: ggufName,
    layoutOf: storedParameter,
    fits: (stored, parameter) => withAllDimensions(stored) === withAllDimensions(parameter),
  };
}

/** ggml's tensors all have four dimensions, and files leave out leading ones of size 1: [1, 32] is [32]. */
function withAllDimensions(shape: readonly number[]): string {
  return String([1, 1, 1, ...shape].slice(-MAX_DIMENSIONS));
}
