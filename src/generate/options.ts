import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Edit } from '../core/hooks/edit.js';
import type { BannedTexts } from './banned_texts/banned_texts.js';
import type { Format } from './constraints/format.js';
import type { Filter } from './filter/filter.js';
import type { PromptInputs } from './inputs.js';
import type { LogitsProcessor } from './processors/logits_processor.js';
import type { Watermark } from './watermark/watermark.js';

/**
 * The values of common options that are left out, for the API, the command line and the playground.
 *
 * Temperature and topP were measured on the embedded model. Without truncation (1, 1) every third to fourth
 * story has a broken word and loses its thread; with much lower values, stories begin and continue alike.
 * With 256 tokens nine of ten stories end.
 */
export const GENERATE_DEFAULTS = {
  maxTokens: 256,
  temperature: 0.8,
  topK: 0,
  topP: 0.95,
  minP: 0,
  typicalP: 1,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  noRepeatNgram: 0,
  n: 1,
  contextFull: 'stop',
  keep: 0,
} as const satisfies GenerateOptions;

/**
 * The names of rarely used options, with the values of those that are left out. What checks the others
 * (`rare_options/`) is loaded on demand, before the first token.
 */
export const RARE_DEFAULTS = {
  minTokens: 0,
  topH: 0,
  topNSigma: 0,
  epsilonCutoff: 0,
  etaCutoff: 0,
  xtcProbability: 0,
  xtcThreshold: 0.1,
  mirostat: 0,
  mirostatTau: 5,
  mirostatEta: 0.1,
  dynamicTemperatureRange: 0,
  dynamicTemperatureExponent: 1,
  samplers: undefined,
  encoderRepetitionPenalty: 1,
  encoderNoRepeatNgram: 0,
  dryMultiplier: 0,
  dryBase: 1.75,
  dryAllowedLength: 2,
  dryPenaltyLastN: -1,
  drySequenceBreakers: ['\n', ':', '"', '*'],
  forcedBos: undefined,
  forcedEos: undefined,
  exponentialDecay: undefined,
  beginBannedTokens: [],
  renormalize: false,
  processors: [],
  logitBias: new Map<number, number>(),
  sequenceBias: [],
  bannedTokens: [],
  bannedTexts: undefined,
  filter: undefined,
  heal: false,
  inputs: undefined,
  edit: undefined,
  beams: 1,
  returned: 1,
  lengthPenalty: 1,
  earlyStopping: false,
  beamGroups: 1,
  diversityPenalty: 0,
  penaltyAlpha: 0,
  speculate: undefined,
  draft: undefined,
  format: undefined,
  guidance: 1,
  negativePrompt: undefined,
  experts: [],
  watermark: undefined,
} as const satisfies GenerateOptions;

export type RareName = keyof typeof RARE_DEFAULTS;

/** A sampler by the name of its option; `xtc` has two. */
export type SamplerName =
  | 'temperature'
  | 'topNSigma'
  | 'topH'
  | 'topK'
  | 'topP'
  | 'minP'
  | 'typicalP'
  | 'epsilonCutoff'
  | 'etaCutoff'
  | 'xtc';

/** A model that helps another, which drafts tokens for it or is an expert: what `loadModel` gives. */
export interface DraftModel {
  /** The model's configuration. */
  readonly config: ModelConfig;
}

/**
 * How text is continued. Every option may be left out. Rarely used options (`minTokens`, biases and bans,
 * `heal`, `inputs`, `edit`, `format`, `processors`, those of rare samplers, searches, speculation, guidance and watermarks)
 * are read and checked when the first token is asked for.
 */
export interface GenerateOptions {
  /** Most tokens of a completion, including an end-of-text token: 1 or more, default 256. */
  readonly maxTokens?: number | undefined;
  /**
   * Never generate an end-of-text token before so many others: 0, the default, to `maxTokens`. A stop string
   * or a full context still ends a shorter text.
   */
  readonly minTokens?: number | undefined;
  /**
   * Divides the logits before sampling: 0 to 100, default 0.8. 1 samples from the model's own distribution. 0
   * is greedy: it always takes the most likely token, of equally likely ones the lowest id.
   */
  readonly temperature?: number | undefined;
  /**
   * Sample from the k most likely tokens (Fan et al. 2018). 0, the default, turns it off. With `penaltyAlpha`
   * the number of candidates for each token.
   */
  readonly topK?: number | undefined;
  /**
   * Nucleus sampling (Holtzman et al. 2019): sample from the fewest most likely tokens whose probabilities
   * sum to at least this: 0 to 1, default 0.95. 1 turns it off.
   */
  readonly topP?: number | undefined;
  /**
   * Sample from tokens that are at least this many times as likely as the most likely one (Nguyen et al.
   * 2024): 0 to 1. 0, the default, turns it off.
   */
  readonly minP?: number | undefined;
  /**
   * Locally typical sampling (Meister et al. 2022): sample from the tokens whose surprise is nearest to the
   * entropy, until they hold this share of the probability: above 0, at most 1. 1, the default, turns it off.
   */
  readonly typicalP?: number | undefined;
  /**
   * Top-H (Baghaei Potraghloo et al. 2025; as in Hugging Face): of the 100 most likely tokens, sample from as
   * many as together give at most this share of their entropy: 0 to 1. 0, the default, turns it off.
   */
  readonly topH?: number | undefined;
  /**
   * Top-n-sigma (Tang et al. 2024; as in llama.cpp): sample from tokens whose logits are at most so many
   * standard deviations below the largest: 0 to 100. 0, the default, turns it off.
   */
  readonly topNSigma?: number | undefined;
  /**
   * Epsilon sampling (Hewitt et al. 2022): sample from tokens that have at least this probability: 0 to 1;
   * 0.0003 to 0.0009 are usual. 0, the default, turns it off.
   */
  readonly epsilonCutoff?: number | undefined;
  /**
   * Eta sampling (Hewitt et al. 2022): sample from tokens whose probability is at least the smaller of this
   * number and sqrt(this number) * e ** -entropy: 0 to 1; 0.0003 to 0.004 are usual. 0, the default, turns it
   * off.
   */
  readonly etaCutoff?: number | undefined;
  /**
   * XTC, "exclude top choices" (p-e-w 2024; as in llama.cpp): how often, for a token, the most likely choices
   * are excluded: of all that reach `xtcThreshold` only the least likely stays. 0 to 1. 0, the default, turns
   * it off; otherwise each token takes two random numbers.
   */
  readonly xtcProbability?: number | undefined;
  /**
   * The probability from which `xtcProbability` excludes: 0 to 1, default 0.1. Above 0.5 it excludes nothing.
   */
  readonly xtcThreshold?: number | undefined;
  /**
   * Mirostat 1 or 2 (Basu et al. 2021; as in llama.cpp) keeps the average surprise of the tokens near
   * `mirostatTau`. It replaces all other truncations, so that those and `samplers` are refused beside it. 0,
   * the default, turns it off.
   */
  readonly mirostat?: 0 | 1 | 2 | undefined;
  /** The surprise that `mirostat` aims at, in bits: above 0, at most 100; default 5. */
  readonly mirostatTau?: number | undefined;
  /** The share of an error that `mirostat` corrects with each token: above 0, at most 1; default 0.1. */
  readonly mirostatEta?: number | undefined;
  /**
   * Dynamic temperature (as in llama.cpp): the temperature goes from `temperature` less this range (at least
   * 0), where the model is certain, to `temperature` plus it, where all tokens are equally likely: 0 to 100.
   * 0, the default, turns it off.
   */
  readonly dynamicTemperatureRange?: number | undefined;
  /**
   * The exponent of the entropy, as a share of the largest possible one, with which the dynamic temperature
   * grows: 0 to 100, default 1.
   */
  readonly dynamicTemperatureExponent?: number | undefined;
  /**
   * The samplers that are applied, in this order; a sampler whose option turns it off does nothing, and one
   * that is not listed is not applied. Each works on the renormalised tokens that the one before left, and
   * leaves at least one. Default: `temperature` (with its dynamic range), `topNSigma`, `topH`, `topK`,
   * `topP`, `minP`, `typicalP`, `epsilonCutoff`, `etaCutoff`, `xtc`. The options that change logits come
   * before all samplers, in the order of Hugging Face: biases, penalties, bans, forced tokens,
   * `exponentialDecay`, `processors`. Temperature 0 is greedy and applies no sampler.
   */
  readonly samplers?: readonly SamplerName[] | undefined;
  /**
   * Divides positive and multiplies negative logits of each token that is in the prompt or the generated
   * text, once per token (CTRL, Keskar et al. 2019; as in Hugging Face): 0.01 to 100. 1, the default, turns
   * it off.
   */
  readonly repetitionPenalty?: number | undefined;
  /**
   * Subtracted from a token's logit once for each time that the token was generated; the prompt does not
   * count (as OpenAI defines it). -2 to 2, default 0.
   */
  readonly frequencyPenalty?: number | undefined;
  /**
   * Subtracted once from the logit of each token that was generated (as OpenAI defines it). -2 to 2, default
   * 0.
   */
  readonly presencePenalty?: number | undefined;
  /**
   * Never repeat n tokens in a row that are in the prompt or the generated text. 0, the default, turns it
   * off.
   */
  readonly noRepeatNgram?: number | undefined;
  /**
   * Multiplies positive and divides negative logits of each token of the prompt (as Hugging Face's
   * `encoder_repetition_penalty`, where the prompt stands for the encoder's text): 0.01 to 100. Above 1 the
   * text keeps to the prompt's tokens, below 1 it avoids them. 1, the default, turns it off.
   */
  readonly encoderRepetitionPenalty?: number | undefined;
  /**
   * Never repeat n tokens in a row that are in the prompt (as Hugging Face's `encoder_no_repeat_ngram_size`).
   * 0, the default, turns it off.
   */
  readonly encoderNoRepeatNgram?: number | undefined;
  /**
   * DRY, "don't repeat yourself" (p-e-w 2024; as in llama.cpp): a token that would continue a repetition of
   * the prompt or the generated text loses dryMultiplier * dryBase ** (length - dryAllowedLength) from its
   * logit, if at least `dryAllowedLength` tokens are repeated already: 0 to 100. 0, the default, turns it
   * off.
   */
  readonly dryMultiplier?: number | undefined;
  /** How fast DRY's penalty grows with the repetition: 1 to 100, default 1.75. */
  readonly dryBase?: number | undefined;
  /** How many repeated tokens DRY allows without a penalty: 0 or more, default 2. */
  readonly dryAllowedLength?: number | undefined;
  /** How many of the last tokens DRY searches for repetitions: 0 or more; -1, the default: all. */
  readonly dryPenaltyLastN?: number | undefined;
  /**
   * Texts over which DRY sees no repetition, however they are cut into tokens; tokens that contain one are
   * not penalised. Default: a line break, ":", '"' and "*". None may be empty. Without a tokenizer there are
   * none.
   */
  readonly drySequenceBreakers?: readonly string[] | undefined;
  /** Numbers that are added to the logits of single tokens: token id -> -100 to 100. */
  readonly logitBias?: Readonly<Record<number, number>> | ReadonlyMap<number, number> | undefined;
  /**
   * Numbers that are added to the logit of the last token of a sequence wherever the others precede it; those
   * of several sequences add up (as in Hugging Face).
   */
  readonly sequenceBias?: readonly BiasedSequence[] | undefined;
  /** Ids of tokens that are never sampled. */
  readonly bannedTokens?: readonly number[] | undefined;
  /**
   * Ids of tokens that are not sampled first (as Hugging Face's `begin_suppress_tokens`), or, after
   * `forcedBos`, not second.
   */
  readonly beginBannedTokens?: readonly number[] | undefined;
  /**
   * The id of the first token after a prompt of a single one (as Hugging Face's `forced_bos_token_id`): an
   * empty prompt stands for the start token. Longer prompts are continued freely.
   */
  readonly forcedBos?: number | undefined;
  /** The id, or one of the ids, of the last token that `maxTokens` allows (as `forced_eos_token_id`). */
  readonly forcedEos?: number | readonly number[] | undefined;
  /**
   * Makes the end of the text more likely with each token after the first `start` ones: adds
   * |logit| * (factor ** tokens - 1) to the logit of an end-of-text token (as Hugging Face's
   * `exponential_decay_length_penalty`). `start`: 0 or more; `factor`: above 0, at most 100.
   */
  readonly exponentialDecay?: LengthDecay | undefined;
  /**
   * With `beams`: after penalties and bans, the log-probabilities of a beam's next token are normalized
   * again, so that probabilities sum to 1 (as Hugging Face's `renormalize_logits`). Sampling always does.
   * Default false.
   */
  readonly renormalize?: boolean | undefined;
  /**
   * Classes or objects of your own that change logits, or functions that make one for each completion and
   * beam. They are applied in their order, after penalties and bans and before the samplers. A model in a
   * worker refuses them.
   */
  readonly processors?: readonly (LogitsProcessor | (() => LogitsProcessor))[] | undefined;
  /**
   * Texts that a completion does not contain, one or several, at most 100,000 characters together; or an
   * object that says what counts as the same text. They are banned as text, in whatever tokens it comes; also
   * a text that the prompt begins and the completion ends, but not one that is in the prompt alone. Nothing
   * is taken back: a token that would complete such a text, or after which each continuation would, is not
   * drawn. A text that ends early, with the reason `aborted`, may end with a whole word that would have
   * become a longer one. Throws `invalid-option` if no text is left, and for a model without a tokenizer.
   */
  readonly bannedTexts?: string | readonly string[] | BannedTexts | undefined;
  /**
   * Judges each sentence of a completion before it is given out: lists of words, personal data, scores of the model
   * itself, or a function. `'english'` replaces English profanities and `'personal-data'` email addresses, phone, card
   * and bank account numbers by `***`. Tokens come when their sentence has been judged; those of a sentence that is
   * sampled again, or that is left out, are not part of the completion. `Choice.filtered` says what was found.
   * Sentences end at `.`, `!`, `?`, `…`, `。` and line breaks, or after 1000 characters. Not with searches; functions not
   * in a worker.
   */
  readonly filter?: Filter | undefined;
  /** Strings that end a completion. Its text ends before the first of them. None may be empty. */
  readonly stop?: string | readonly string[] | undefined;
  /**
   * Treat the end-of-text token like any other token: it does not end the completion, and its text is part of
   * the completion. (List it in `bannedTokens` to never sample it.) Default false.
   */
  readonly ignoreEos?: boolean | undefined;
  /**
   * An integer from 0 to 2^53 - 1. The same seed, prompt and options give the same completion on every
   * machine that computes the same logits. If it is left out, a random one is drawn, which the completion
   * reports.
   */
  readonly seed?: number | undefined;
  /**
   * Report the log-probability of each sampled token and of this many most likely tokens at its place: 0 to
   * 20. These are the model's own, before all of the options above. Default: no report.
   */
  readonly logprobs?: number | undefined;
  /**
   * Generations with a higher priority are computed first, also before those that have begun: an integer from
   * -1000 to 1000, default 0.
   */
  readonly priority?: number | undefined;
  /**
   * Ends the generation: it resolves with the text so far and the finish reason `aborted`. Nothing is thrown.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * How many completions to sample after one evaluation of the prompt: 1 to 128, default 1. Completion i is
   * the same for every `n` above i. Needs a temperature above 0, since greedy completions would all be equal.
   */
  readonly n?: number | undefined;
  /**
   * What happens when the tokens no longer fit the model's context:
   * - `stop` (default): the completion ends with the reason `context`
   * - `error`: throws `context-full`
   * - `shift`: continues with the first `keep` tokens and the most recent half of the rest, which is
   *   evaluated again
   *
   * A prompt that is longer than the context throws `context-full`, but `shift` shortens it in the same way.
   */
  readonly contextFull?: 'stop' | 'error' | 'shift' | undefined;
  /** How many tokens at the start `shift` always keeps: 0 (default) to two less than the context length. */
  readonly keep?: number | undefined;
  /**
   * Special tokens, such as `<|endoftext|>`, that the text of a prompt may contain: `'none'` (default; their
   * text is then encoded like any other text), `'all'`, or those that are listed. Allow none in text from
   * untrusted people.
   */
  readonly allowedSpecial?: 'none' | 'all' | readonly string[] | undefined;
  /**
   * Token healing: the model writes the last word, number, punctuation or white space of the prompt again
   * together with what follows, so that a prompt may end inside a word or with a space: "Once upon a ti" is
   * continued with "me". `text` holds only what follows the prompt; `tokens` begin with those that write the
   * prompt's end. Default false.
   */
  readonly heal?: boolean | undefined;
  /**
   * Vectors before the prompt, which may then be empty, and other positions: the same as an object in place of the
   * prompt, `generate({ embeddings, text })`. Not for sessions and not with `contextFull: 'shift'`. Checked when the first token is asked for.
   */
  readonly inputs?: PromptInputs | undefined;
  /**
   * Changes of numbers inside the model (see `Model.trace`) at positions of the prompt and of what is generated, for
   * steering and ablation; with vectors of `inputs`, positions count from the first of them, and with `heal` the prompt
   * is what is left of it. Nothing is shared with other texts. Not for sessions, and not with `contextFull: 'shift'`,
   * `guidance` or `experts`. Checked when the first token is asked for.
   */
  readonly edit?: readonly Edit[] | undefined;
  /**
   * Beam search, as in Hugging Face's transformers: so many texts are extended at the same time, and those
   * with the highest scores are kept (see `Choice.score`): 2 to 128. 1, the default, turns it off. Penalties,
   * biases and bans change log-probabilities in place of logits. Nothing is sampled: `temperature`, `topK`,
   * `topP`, `minP`, `typicalP` and all other samplers, `seed`, `n` and the `shift` of `contextFull` are
   * refused beside it. A stream yields no token before the search has ended.
   */
  readonly beams?: number | undefined;
  /** How many of the best texts a beam search returns as `choices`: 1, the default, to `beams`. */
  readonly returned?: number | undefined;
  /**
   * The exponent of the number of tokens by which a beam's sum of log-probabilities is divided: -10 to 10,
   * default 1. A larger one favours longer texts, 0 compares sums.
   */
  readonly lengthPenalty?: number | undefined;
  /**
   * When a search with as many finished texts as beams ends:
   * - `false` (default): when the best text that could be extended, if it ended now, would not be better than
   *   the worst finished one
   * - `true`: at once
   * - `'never'`: when no extension of it can be better
   */
  readonly earlyStopping?: boolean | 'never' | undefined;
  /**
   * Diverse beam search (Vijayakumar et al. 2016): groups of `beams` / `beamGroups` beams that search beside
   * each other and avoid each other's tokens: a divisor of `beams`. 1, the default, turns it off.
   */
  readonly beamGroups?: number | undefined;
  /**
   * Subtracted from a token's log-probability for each beam of an earlier group that takes the token at the
   * same position: 0 (default) to 100; above 0 with `beamGroups`.
   */
  readonly diversityPenalty?: number | undefined;
  /**
   * Contrastive search (Su et al. 2022): of the `topK` most likely tokens, 2 to 128, takes the one with the
   * largest (1 - penaltyAlpha) * probability - penaltyAlpha * similarity, where the similarity is the largest
   * cosine between its final hidden state and those of all earlier positions: 0 to 1. 0, the default, turns
   * it off. Nothing is sampled: the options that `beams` refuses, except `topK`, are refused beside it. The
   * whole prompt is evaluated, also what a session or the prefix cache has.
   */
  readonly penaltyAlpha?: number | undefined;
  /**
   * Speculation: `'prompt'` finds an earlier place of the text with the same last tokens, guesses that the
   * same tokens follow again ("prompt lookup decoding", Saxena 2023), and evaluates several at once. Texts
   * that copy from the prompt, such as summaries and edits, come faster. A guess stands only if it is what is
   * sampled at its place: no completion changes by a bit. It stops by itself if it does not pay. Default:
   * off.
   */
  readonly speculate?: 'prompt' | undefined;
  /**
   * Speculation with a smaller model of the same vocabulary, which drafts the tokens (Leviathan et al. 2023);
   * in place of `speculate`, under the same promise. The vocabularies are compared when the first token is
   * asked for. A model that runs in a worker is refused, and so is one for it.
   */
  readonly draft?: DraftModel | undefined;
  /**
   * The form of the completion's text: a regular expression, a JSON schema, a grammar or a list of texts, or
   * one of these that `compileFormat` has compiled. Tokens with which the text could no longer get the form
   * are banned, and where only one continuation is possible it is appended without sampling. The completion
   * ends with the reason `stop` when nothing can follow, with `eos` where it may end; if `maxTokens` or the
   * context end it before, its text is only the beginning of one that has the form.
   */
  readonly format?: Format | undefined;
  /**
   * Classifier-free guidance (Sanchez et al. 2023, "Stay on topic with Classifier-Free Guidance"): tokens are
   * drawn from guidance * (ln p - ln q) + ln q, where p are the probabilities after the prompt, and q those
   * after `negativePrompt`, each followed by the same generated tokens: 0 to 100, as `guidance_scale` of
   * transformers. Above 1 the text keeps closer to the prompt. 1, the default, turns it off. Both are
   * computed together.
   *
   * The generated tokens must also fit the model's context after the negative prompt; where they do not, the
   * context is full. A `shift` drops the same generated tokens after both, and keeps the whole negative
   * prompt.
   *
   * An object in place of the number asks for self-debiasing, which takes no `negativePrompt`.
   */
  readonly guidance?: number | SelfDebiasing | undefined;
  /**
   * What guidance leads away from: a text or token ids, as a prompt; with `guidance`. Default: the last token
   * of the prompt alone, which leads away from what the model writes without the prompt.
   */
  readonly negativePrompt?: string | ArrayLike<number> | undefined;
  /**
   * DExperts (Liu et al. 2021): logits of other models of the same vocabulary, such as this one with
   * adapters, times their weights are added to those of this one, before guidance and all other changes. The
   * paper's expert and anti-expert have the weights alpha and -alpha. Vocabularies are compared when the
   * first token is asked for. The smallest context counts. Models that run in a worker are refused, and so
   * are experts for one; and beside `inputs`.
   */
  readonly experts?: readonly Expert[] | undefined;
  /**
   * Writes a watermark into the choice of tokens, which `detectWatermark` of `gpt2-wasm/examine` finds again. It is
   * applied as transformers does: after all other options that change logits, after the samplers, and before a token is
   * drawn. If `format` or a low temperature leaves one token to choose, nothing can be marked. Each of `n` completions,
   * texts of searches, and the guesses of a draft model are marked too. Default: none.
   */
  readonly watermark?: Watermark | undefined;
}

/**
 * Self-debiasing (Schick et al. 2021, "Self-Diagnosis and Self-Debiasing"): tokens that a text before the prompt makes
 * likelier, which asks for what is unwanted, become less likely. The probability p of a token is multiplied by
 * max(floor, e ** (decay * d)) if d is below 0, where d is p less its probability after that text and the prompt; of
 * several texts the one with the smallest d counts. Each takes as long as a prompt, and must fit the context.
 */
export interface SelfDebiasing {
  /** Texts such as 'The following text contains very negative, disrespectful or rude language:\n'. */
  readonly debias: string | readonly string[];
  /** The paper's lambda, 0 to 1000: 50 by default. */
  readonly decay?: number | undefined;
  /** The least factor, above 0 to 1: 0.01 by default. */
  readonly floor?: number | undefined;
}

/** A model whose logits are added to those of another. */
export interface Expert {
  /** What `loadModel` or `withAdapters` gives. */
  readonly model: DraftModel;
  /** Its logits are multiplied by this: -100 to 100. */
  readonly weight: number;
}

/** How the end of a text becomes more likely. */
export interface LengthDecay {
  /** Tokens after which it begins. */
  readonly start: number;
  /** By which it grows with each token. */
  readonly factor: number;
}

/**
 * One or more tokens in a row, and what is added to the logit of the last one where the others precede it.
 */
export interface BiasedSequence {
  /** Token ids, at least one. */
  readonly tokens: readonly number[];
  /** -100 to 100; -Infinity bans the sequence. */
  readonly bias: number;
}
