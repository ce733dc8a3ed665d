import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { HealedPrompt } from '../healing.js';
import type { CompletionProcessor } from '../processors/completion_processor.js';
import { startTokenOf } from '../prompt.js';
import type { ResolvedOptions } from '../resolved_options.js';
import type { GenerationSequence, Sequence } from '../sequence.js';

/** What rare options have made of the beginning of a generation. */
export interface Beginning {
  readonly sequence: GenerationSequence;
  readonly prompt: readonly number[];
  readonly healed: HealedPrompt | undefined;
  /** Makes the masks of one choice: the beginning and the form of its text, and banned texts. */
  masks(): CompletionProcessor[];
  /** Gives memory back that only this generation needs. */
  end?(): void;
}

/**
 * Begins a generation: vectors come before the prompt, its last piece is removed if it is to be healed, the format
 * and the banned texts become masks, and helpers join the sequence, as the options say. Throws `invalid-option` and
 * `context-full`.
 */
export async function begin(
  sequence: Sequence,
  tokenizer: Tokenizer,
  given: readonly number[],
  options: ResolvedOptions,
): Promise<Beginning> {
  const { inputs, heal, format, bannedTexts, guidance, experts } = options;
  const { config } = sequence.core;
  if (inputs !== undefined) {
    const { PlacedInputs } = await import('../inputs.js');
    sequence.beginWith(new PlacedInputs(inputs, config, given.length));
  }
  let healed: HealedPrompt | undefined;
  if (heal) {
    const { healPrompt } = await import('../healing.js');
    const start = inputs?.embeddings === undefined ? startTokenOf(config) : undefined;
    healed = healPrompt(given, tokenizer, start);
  }
  const prompt = healed?.ids ?? given;
  const rest = healed?.rest ?? new Uint8Array(0);
  const creators: (() => CompletionProcessor)[] = [];
  if (format !== undefined) {
    const { constraintMaker } = await import('../constraints/create_constraint.js');
    creators.push(await constraintMaker(options, format, tokenizer, config, rest));
  } else if (healed) creators.push(healed.createMask);
  if (bannedTexts !== undefined) {
    const { bannedTextsMasks } = await import('../banned_texts/banned_texts_masks.js');
    creators.push(bannedTextsMasks(options, sequence, tokenizer, prompt, rest));
  }
  const masks = () => creators.map((create) => create());
  if (guidance === 1 && experts.length === 0) return { sequence, prompt, healed, masks };
  const { createGuidance } = await import('../guidance/create_guidance.js');
  const guided = createGuidance(sequence, tokenizer, prompt, options);
  return { ...guided, healed, masks, end: () => guided.sequence.leave() };
}
