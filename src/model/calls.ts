import type { Checkpoint } from '../checkpoints/checkpoint.js';
import type { ModelCore } from '../core/types.js';
import type { AnyPrompt, PrefixedPrompt } from '../generate/prefixed_prompt.js';
import type { Prompt } from '../generate/prompt.js';
import { Sequence } from '../generate/sequence.js';
import type { TextState } from '../generate/session_text.js';
import type { ChooseOptions, Chosen } from '../score/choose.js';
import type { Loglikelihood, LoglikelihoodOptions } from '../score/loglikelihood.js';
import type { Score } from '../score/score.js';
import type { ScoreOptions } from '../score/score_options.js';
import { isTexts } from '../score/texts.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { AdapterChoice, AdapterOptions } from './adapters/adapter_choice.js';
import type { EmbedOptions } from './embed.js';
import type { LogitsOptions } from './logits.js';
import type { Trace, TraceOptions } from './trace/options.js';

export * from './heads/calls.js';

// Each call loads its own code.

/** As `Model.logits`. */
export async function logits(
  core: ModelCore,
  tokenizer: Tokenizer,
  ids: ArrayLike<number> | PrefixedPrompt,
  options: LogitsOptions = {},
): Promise<Float32Array> {
  const { logitsOf } = await import('./logits.js');
  return logitsOf(core, tokenizer, ids, options);
}

/** As `Model.embed`. */
export async function embed(
  core: ModelCore,
  tokenizer: Tokenizer,
  input: AnyPrompt | readonly AnyPrompt[],
  options: EmbedOptions = {},
): Promise<Float32Array | Float32Array[]> {
  const { embedText, embedTexts } = await import('./embed.js');
  const run = isTexts(input) ? embedTexts : embedText;
  return run(core, tokenizer, input as AnyPrompt & readonly AnyPrompt[], options);
}

/** As `Model.score`. */
export async function score(
  core: ModelCore,
  tokenizer: Tokenizer,
  input: AnyPrompt | readonly AnyPrompt[],
  options: ScoreOptions = {},
): Promise<Score | Score[]> {
  const { scoreText, scoreTexts } = await import('../score/score.js');
  const run = isTexts(input) ? scoreTexts : scoreText;
  return run(core, tokenizer, input as AnyPrompt & readonly AnyPrompt[], options);
}

/** As `Model.loglikelihood`. */
export async function loglikelihood(
  core: ModelCore,
  tokenizer: Tokenizer,
  context: Prompt,
  continuation: Prompt,
  options: LoglikelihoodOptions = {},
): Promise<Loglikelihood> {
  const { loglikelihood } = await import('../score/loglikelihood.js');
  return loglikelihood(core, tokenizer, context, continuation, options);
}

/** As `Model.choose`. */
export async function choose(
  core: ModelCore,
  tokenizer: Tokenizer,
  prompt: Prompt,
  choices: readonly Prompt[],
  options: ChooseOptions = {},
): Promise<Chosen> {
  const { choose } = await import('../score/choose.js');
  return choose(core, tokenizer, prompt, choices, options);
}

/** As `Model.trace`. */
export async function trace(
  core: ModelCore,
  tokenizer: Tokenizer,
  text: Prompt,
  options: TraceOptions = {},
): Promise<Trace> {
  const { traceText } = await import('./trace/trace.js');
  return traceText(core, tokenizer, text, options);
}

/** As `Session.save`. */
export async function save(core: ModelCore, sequence: Sequence, text: TextState): Promise<Uint8Array> {
  const { saveSession } = await import('./saved_session.js');
  return saveSession(core, sequence, text);
}

/** The beginning of the session that `Model.restore` gives. */
export async function restore(
  core: ModelCore,
  bytes: unknown,
): Promise<{ readonly sequence: Sequence; readonly text: TextState }> {
  const { restoreSession } = await import('./saved_session.js');
  const { sequence, text } = await restoreSession(core, bytes);
  return { sequence: new Sequence(core, 'session', sequence), text };
}

/** The core of the model that `Model.withAdapters` gives. */
export async function withAdapters(
  core: ModelCore,
  adapters: readonly AdapterChoice[],
  options: AdapterOptions = {},
): Promise<ModelCore> {
  const { withAdapters } = await import('./adapters/with_adapters.js');
  return withAdapters(core, adapters, options);
}

/** Reads the heads of a model; see there. */
export async function readHeads(
  core: ModelCore,
  checkpoint: Checkpoint,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { readHeads } = await import('./heads/read_heads.js');
  return readHeads(core, checkpoint, signal);
}
