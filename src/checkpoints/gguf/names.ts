import type { Parameter } from '../../architecture/gpt2/parameters.js';

/** GGUF's names for the parts of a parameter's name. */
const GLOBAL_NAMES: ReadonlyMap<string, string> = new Map([
  ['wte', 'token_embd'],
  ['wpe', 'position_embd'],
  ['ln_f', 'output_norm'],
  ['lm_head', 'output'],
]);
const LAYER_NAMES: ReadonlyMap<string, string> = new Map([
  ['ln_1', 'attn_norm'],
  ['attn.c_attn', 'attn_qkv'],
  ['attn.c_proj', 'attn_output'],
  ['ln_2', 'ffn_norm'],
  ['mlp.c_fc', 'ffn_up'],
  ['mlp.c_proj', 'ffn_down'],
]);

/** The name that GGUF has for a parameter: `h.3.mlp.c_fc.bias` is `blk.3.ffn_up.bias`. */
export function ggufName(parameterName: string): string {
  const [, layer, part, end] = /^(?:h\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(parameterName)!;
  return layer === undefined
    ? `${GLOBAL_NAMES.get(part!)}.${end}`
    : `blk.${layer}.${LAYER_NAMES.get(part!)}.${end}`;
}

/** The layer that a GGUF tensor belongs to. */
export function ggufLayerOf(name: string): number | undefined {
  const match = /^blk\.(\d+)\./.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** A parameter as GGUF stores it: every matrix has a row for each output, where Hugging Face's Conv1D has a column. */
export function storedParameter(parameter: Parameter): Parameter {
  if (parameter.kind !== 'conv1d') return parameter;
  return { name: parameter.name, kind: 'linear', shape: [...parameter.shape].reverse() };
}
