/** The name of a stored tensor without the prefix that `GPT2LMHeadModel` puts before `GPT2Model`'s names. */
export function canonicalName(stored: string): string {
  return stored.replace(/^transformer\./, '');
}

/** The layer that a tensor of that canonical name belongs to. */
export function layerOf(name: string): number | undefined {
  const match = /^h\.(\d+)\./.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** The causal mask that older checkpoints store in every layer; it is the same for all. */
const MASK_BUFFER = /^h\.\d+\.attn\.(?:masked_)?bias$/;
/**
 * Heads of other tasks (classification, question answering, multiple choice, reward) on the last hidden state.
 * The language model below them is whole without them, and Hugging Face loads it so too.
 */
const TASK_HEAD = /^(?:score|classifier|qa_outputs|multiple_choice_head|v_head)\./;

/** Tensors that take no part in the language model. */
export function isIgnored(name: string): boolean {
  return MASK_BUFFER.test(name) || TASK_HEAD.test(name);
}
