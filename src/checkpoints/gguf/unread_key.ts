import { show } from '../../architecture/gpt2/config_values.js';
import { Gpt2Error } from '../../base/errors.js';

const MATH_WORDS = new Set(
  [
    'attn attention head query qk kv window sliding local sparse position positional rope rotary alibi relative',
    'sinusoidal emb embd embed embedding mask norm layernorm prenorm postnorm rmsnorm rms ln normalize',
    'normalization layer bias scale scaling scaled multiplier softcap softcapping logit residual causal',
    'bidirectional encoder activation act hidden inner mlp ffn feed glu geglu swiglu gate gated expert moe router',
    'clamp conv convolution proj projection lora adapter',
  ].flatMap((line) => line.split(' ')),
);

/**
 * Throws `unsupported` for a key under "gpt2." that is not read, if a word of its name is about a
 * transformer's computation: llama.cpp alone defines such keys, and each version of it computes with more of
 * them. Values that are off are not passed here.
 */
export function checkUnreadKey(key: string, value: unknown, where: string): void {
  const words = key.toLowerCase().split(/[^a-z0-9]+/);
  if (!words.some((word) => MATH_WORDS.has(word) || MATH_WORDS.has(word.replace(/s$/, '')))) return;
  throw new Gpt2Error(
    'unsupported',
    `${where}: ${key} is ${show(value)}, and its name says that it changes the computation in a way ` +
      'that is not known here; remove the key if the model computes the same without it',
  );
}
