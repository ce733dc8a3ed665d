import { Gpt2Error } from '../../base/errors.js';
import type { Core } from '../../core/types.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { type LoadedModel, loadedModels } from '../loaded_models.js';
import { type Prompt, promptTokens } from '../prompt.js';
import type { ResolvedOptions } from '../resolved_options.js';
import { assertSameVocabulary } from '../same_vocabulary.js';
import type { GenerationSequence } from '../sequence.js';
import { shiftWindow } from '../shift_window.js';
import { GuidedSequence, type Helper } from './guided_sequence.js';
import type { Mixture } from './mix.js';

/** A sequence with helpers, and the prompt, which may be shorter now. */
export interface GuidedStart {
  readonly sequence: GuidedSequence;
  readonly prompt: readonly number[];
}

/**
 * Gives the sequence of a new generation the helpers that the options ask for. Throws `invalid-option`, and
 * `context-full` if the negative prompt does not fit, or the prompt not into an expert's context.
 */
export function createGuidance(
  main: GenerationSequence,
  tokenizer: Tokenizer,
  prompt: readonly number[],
  options: ResolvedOptions,
): GuidedStart {
  const { core } = main;
  const experts = options.experts.map(({ model, weight }, i) => {
    const expert = loadedModels.get(model)!;
    assertSameVocabulary(`experts[${i}]`, { core, tokenizer }, expert);
    return { ...expert, weight };
  });
  const { guidance: given } = options;
  const unwanted = unwantedContexts(core, tokenizer, prompt, options);
  const contextLength = Math.min(
    main.contextLength,
    ...experts.map((expert) => expert.core.config.contextLength),
    ...unwanted.map((context) => roomBeside(context, core, prompt, options)),
  );
  const fitting = fitted(prompt, contextLength, options);
  const mixtureOf = ([own, ...others]: readonly Float32Array[]): Mixture => ({
    own: own!,
    experts: experts.map(({ weight }, i) => ({ values: others[i]!, weight })),
    negative:
      typeof given === 'number' && given !== 1
        ? { values: others[experts.length]!, weight: given }
        : undefined,
    debiasing: typeof given === 'number' ? undefined : { ...given, unwanted: others.slice(experts.length) },
  });
  const helpers = experts.map((expert) => helperOf(expert, core));
  for (const context of unwanted) helpers.push({ sequence: core.sequence('call'), context, isNear: true });
  const guidance = { contextLength, mixtureOf };
  return { sequence: new GuidedSequence(main, guidance, helpers, fitting.length), prompt: fitting };
}

/** Models with adapters share the scheduler, and so the list of batches, of the model that was loaded. */
function helperOf(expert: LoadedModel, core: Core): Helper {
  const isNear = expert.core.batchTimes === core.batchTimes;
  return { sequence: expert.core.sequence('call'), context: undefined, isNear };
}

/** The tokens in place of the prompt after which the same text is less wanted. */
function unwantedContexts(
  core: Core,
  tokenizer: Tokenizer,
  prompt: readonly number[],
  { guidance, negativePrompt = prompt.slice(-1), allowedSpecial }: ResolvedOptions,
): (readonly number[])[] {
  const tokensOf = (text: Prompt, advice: string) =>
    promptTokens(text, core.config, () => tokenizer, { allowedSpecial, advice });
  if (typeof guidance !== 'number') {
    return guidance.debias.map((text) => [...tokensOf(text, 'shorten guidance.debias'), ...prompt]);
  }
  return guidance === 1 ? [] : [tokensOf(negativePrompt, 'shorten negativePrompt')];
}

/** Most tokens of a text whose generated ones fit after an unwanted context. Throws `context-full`. */
function roomBeside(
  context: readonly number[],
  core: Core,
  prompt: readonly number[],
  { guidance, contextFull, keep }: ResolvedOptions,
): number {
  const { contextLength } = core.config;
  const shifts = contextFull === 'shift';
  // A shift keeps the first tokens, and then most of the context for generated ones.
  const most = shifts ? contextLength - 2 : contextLength;
  if (context.length > most) {
    const what =
      typeof guidance === 'number' ? 'negativePrompt' : 'a text of guidance.debias before the prompt';
    throw new Gpt2Error(
      'context-full',
      `${what} has ${context.length} tokens; with a context of ${contextLength} and contextFull ` +
        `"${contextFull}" it may have ${most}`,
    );
  }
  return contextLength - context.length + (shifts ? Math.min(keep, prompt.length) : prompt.length);
}

/** The prompt, shifted if it must be. Throws `context-full` and `invalid-option`. */
function fitted(
  prompt: readonly number[],
  contextLength: number,
  { contextFull, keep }: ResolvedOptions,
): readonly number[] {
  if (contextFull === 'shift' && keep > contextLength - 2) {
    throw new Gpt2Error(
      'invalid-option',
      `keep is ${keep}; beside experts and texts of guidance only ${contextLength} tokens fit, so that it must be ${contextLength - 2} or less`,
    );
  }
  if (prompt.length <= contextLength) return prompt;
  if (contextFull === 'shift') return shiftWindow(prompt, keep, contextLength);
  throw new Gpt2Error(
    'context-full',
    `the prompt has ${prompt.length} tokens and an expert's context ${contextLength}; shorten it, or set contextFull to "shift"`,
  );
}
