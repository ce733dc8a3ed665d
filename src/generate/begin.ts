import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { ChoiceParts } from './choice_builder.js';
import type { Token } from './completion.js';
import type { FilterRun } from './filter/filter_run.js';
import type { HealedPrompt } from './healing.js';
import { changesLogits } from './processors/changes_logits.js';
import type { CompletionProcessor } from './processors/completion_processor.js';
import { startTokenOf } from './prompt.js';
import { isSearch, type ResolvedOptions } from './resolved_options.js';
import type { SearchTask } from './search/search_task.js';
import type { GenerationSequence, Placement, Sequence } from './sequence.js';
import type { Speculator } from './speculation/speculator.js';

/** What options have made of the beginning of a generation. */
export interface Beginning extends ChoiceParts {
  readonly sequence: GenerationSequence;
  readonly prompt: readonly number[];
  readonly healed: HealedPrompt | undefined;
  /** Makes the speculator of the choice of an index. */
  readonly createSpeculator?: ((index: number) => Speculator) | undefined;
  /** The tokens that a search finds, in place of sampled ones. */
  readonly search?: ((task: SearchTask) => AsyncGenerator<Token, void>) | undefined;
  /** Judges the sentences of sampled tokens. */
  readonly filter?: FilterRun | undefined;
  /** Gives memory back that only this generation needs. */
  readonly end?: (() => void) | undefined;
}

/**
 * Begins a generation: vectors come before the prompt, its last piece is removed if it is to be healed, helpers join
 * the sequence, and what processes logits, draws, searches, drafts and ends texts is loaded, as the options say.
 * `isRare`: whether there are more than common options. Throws `invalid-option` and `context-full`.
 */
export async function begin(
  sequence: Sequence,
  tokenizer: Tokenizer,
  given: readonly number[],
  options: ResolvedOptions,
  isRare: boolean,
): Promise<Beginning> {
  const { inputs, edit, heal, stop, guidance, experts } = options;
  const { config } = sequence.core;
  let placement: Placement | undefined;
  if (inputs !== undefined) {
    const { PlacedInputs } = await import('./inputs.js');
    placement = new PlacedInputs(inputs, sequence.core, given.length);
  }
  let healed: HealedPrompt | undefined;
  if (heal) {
    const { healPrompt } = await import('./healing.js');
    const start = inputs?.embeddings === undefined ? startTokenOf(config) : undefined;
    healed = healPrompt(given, tokenizer, start);
  }
  const prompt = healed?.ids ?? given;
  if (edit !== undefined) {
    const { withEdits } = await import('./placement.js');
    placement = await withEdits(sequence.core, placement, edit, { tokens: prompt.length, grows: true });
  }
  if (placement !== undefined) sequence.beginWith(placement);
  const processorsOf = await processorsMaker(sequence, tokenizer, prompt, options, { isRare, healed });
  const parts = {
    createDraw: await drawMaker(options, isRare),
    createStops: stop.length > 0 ? await stopsMaker(stop) : undefined,
    createSpeculator: await speculatorMaker(sequence, tokenizer, options),
    search: isSearch(options) ? (await import('./search/search_tokens.js')).searchTokens : undefined,
    filter: await filterRun(sequence, tokenizer, options),
    unshown: healed?.units ?? 0,
    healed,
  };
  if (guidance === 1 && experts.length === 0) {
    return { ...parts, createProcessors: () => processorsOf(prompt), sequence, prompt };
  }
  const { createGuidance } = await import('./guidance/create_guidance.js');
  const guided = createGuidance(sequence, tokenizer, prompt, options);
  const createProcessors = () => processorsOf(guided.prompt);
  return { ...parts, createProcessors, ...guided, end: () => guided.sequence.leave() };
}

/**
 * Makes the processors of a choice after a prompt, then the masks: the beginning and the form of its text, and banned
 * texts; and then the watermark.
 */
async function processorsMaker(
  sequence: Sequence,
  tokenizer: Tokenizer,
  prompt: readonly number[],
  options: ResolvedOptions,
  { isRare, healed }: { readonly isRare: boolean; readonly healed: HealedPrompt | undefined },
): Promise<(prompt: readonly number[]) => CompletionProcessor[]> {
  const { format, bannedTexts, watermark } = options;
  const { config } = sequence.core;
  const rest = healed?.rest ?? new Uint8Array(0);
  const creators: ((prompt: readonly number[]) => CompletionProcessor | CompletionProcessor[])[] = [];
  if (isRare || changesLogits(options)) {
    const { createProcessors } = await import('./processors/create_processors.js');
    creators.push((fitted) => createProcessors(options, fitted, config.eosTokenIds, tokenizer));
  }
  if (format !== undefined) {
    const { constraintMaker } = await import('./constraints/create_constraint.js');
    creators.push(await constraintMaker(options, format, tokenizer, config, rest));
  } else if (healed) creators.push(healed.createMask);
  if (bannedTexts !== undefined) {
    const { bannedTextsMasks } = await import('./banned_texts/banned_texts_masks.js');
    creators.push(bannedTextsMasks(options, sequence, tokenizer, prompt, rest));
  }
  if (watermark !== undefined) {
    const { watermarkMaker } = await import('./watermark/watermark_maker.js');
    creators.push(watermarkMaker(watermark, config.vocabSize, options));
  }
  return (fitted) => creators.flatMap((create) => create(fitted));
}

async function drawMaker(options: ResolvedOptions, isRare: boolean) {
  if (isSearch(options) || !(isRare || options.typicalP < 1)) return undefined;
  const { drawMaker } = await import('./sampling/draw_maker.js');
  return drawMaker(options);
}

async function stopsMaker(stop: readonly string[]) {
  const { StopStrings } = await import('./stop_strings.js');
  return () => new StopStrings(stop);
}

async function filterRun({ core }: Sequence, tokenizer: Tokenizer, options: ResolvedOptions) {
  if (options.filter === undefined) return undefined;
  const { createFilter } = await import('./filter/create_filter.js');
  return createFilter(options.filter, options, core, tokenizer);
}

async function speculatorMaker({ core }: Sequence, tokenizer: Tokenizer, options: ResolvedOptions) {
  if (options.speculate === undefined && options.draft === undefined) return undefined;
  const { speculatorMaker } = await import('./speculation/create_speculator.js');
  return speculatorMaker(core, tokenizer, options);
}
