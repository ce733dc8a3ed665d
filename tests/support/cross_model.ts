import { crossFile } from './cross_images.js';

/** A GPT-2 with cross-attention and random weights; the folder also has results of transformers. */
export const crossModel = new URL('../fixtures/cross/gpt2/', import.meta.url);

const numbers = ({ f32_base64 }: { readonly f32_base64: string }) =>
  new Float32Array(new Uint8Array(Buffer.from(f32_base64, 'base64')).buffer);

/** Tokens, encoder states, and the logits that transformers computes. */
export function crossResults() {
  const file = JSON.parse(crossFile('gpt2/expected.json').toString());
  return {
    ids: file.input_ids as number[],
    states: numbers(file.encoder_hidden_states),
    logits: numbers(file.logits),
    /** With a mask that leaves the first 5 of the 7 states. */
    logitsOfFirst5: numbers(file.logits_of_first_5_states),
    logitsWithoutEncoder: numbers(file.logits_without_encoder),
  };
}
