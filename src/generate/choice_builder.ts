import { Gpt2Error } from '../base/errors.js';
import { RandomStream } from '../base/random.js';
import type { LogitsRow } from '../core/types.js';
import { reasonWithoutText } from '../tokenizer/reason_without_text.js';
import type { StreamDecoder } from '../tokenizer/stream_decoder.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { Choice, FinishReason, Token, TokenLogprob } from './completion.js';
import type { CompletionProcessor } from './processors/completion_processor.js';
import { banAndReport } from './report_logprobs.js';
import type { ResolvedOptions } from './resolved_options.js';
import { type Draw, sample } from './sampling/sampler.js';
import type { StopStrings } from './stop_strings.js';

/** A token that was drawn, but is not yet part of the completion. */
export interface Sampled {
  readonly id: number;
  readonly logprob: TokenLogprob | undefined;
}

/** A token that the processors and the text have received. */
export interface Accepted {
  readonly token: Token;
  readonly logprob: TokenLogprob | undefined;
  /** Why the completion ends with it, if it does. */
  readonly finishReason: FinishReason | undefined;
}

/** The parts of a completion that plain sampling does not have. */
export interface ChoiceParts {
  /** Makes the processors of one choice, in their order. */
  createProcessors(): CompletionProcessor[];
  /** Replaces the common samplers. */
  readonly createDraw?:
    | ((random: RandomStream, processors: readonly CompletionProcessor[]) => Draw)
    | undefined;
  /** Makes what finds the stop strings in one completion. */
  readonly createStops?: (() => StopStrings) | undefined;
  /** UTF-16 units at the start of the completion that repeat the end of the prompt, and are not part of the text. */
  readonly unshown: number;
}

/** Throws `invalid-option` for an option that needs the text of tokens, if the model has no tokenizer. */
export function assertText(option: string, tokenizer: Tokenizer): void {
  const reason = reasonWithoutText(tokenizer);
  if (reason === undefined) return;
  const message = `${option} needs the text of tokens, and ${reason.message}`;
  throw new Gpt2Error('invalid-option', message, { cause: reason });
}

/**
 * Builds one completion: logits become tokens, and tokens become text. A token is drawn (`sample`), then
 * accepted, which the next one depends on, and becomes part of the completion when its reader has it (`add`).
 */
export class ChoiceBuilder {
  readonly index: number;
  finishReason: FinishReason | undefined;
  /** Of a text that beams have found. */
  score: number | undefined;
  readonly #options: ResolvedOptions;
  readonly #tokenizer: Tokenizer;
  readonly #endTokens: ReadonlySet<number>;
  #processors: readonly CompletionProcessor[] = [];
  readonly #random: RandomStream;
  #draw: Draw = (row) => sample(row, this.#options, this.#random);
  readonly #decoder: StreamDecoder;
  #stops: StopStrings | undefined;
  /**
   * UTF-16 units of the prompt's end that are still to be written again; they are not text of the completion.
   */
  #unshown = 0;
  #acceptedCount = 0;
  readonly #tokens: number[] = [];
  readonly #logprobs: TokenLogprob[] = [];
  #text = '';

  constructor(index: number, options: ResolvedOptions, tokenizer: Tokenizer, eosTokenIds: readonly number[]) {
    if (options.stop.length > 0) assertText('stop', tokenizer);
    this.index = index;
    this.#options = options;
    this.#tokenizer = tokenizer;
    this.#endTokens = new Set(options.ignoreEos ? [] : eosTokenIds);
    this.#random = new RandomStream(options.seed, index);
    this.#decoder = tokenizer.streamDecoder({ continues: true });
  }

  /** Must be called before the first token, unless the options are plain. */
  begin({ createProcessors, createDraw, createStops, unshown }: ChoiceParts): void {
    this.#processors = createProcessors();
    if (createDraw !== undefined) this.#draw = createDraw(this.#random, this.#processors);
    this.#stops = createStops?.();
    this.#unshown = unshown;
  }

  /** Draws the next token from the model's logits, which are overwritten. */
  sample(row: LogitsRow): Sampled {
    const logprobOf = banAndReport(row, this.#tokenizer, this.#options.logprobs);
    for (const processor of this.#processors) processor.apply(row.values, row);
    const id = this.#draw(row);
    return { id, logprob: logprobOf?.(id) };
  }

  /**
   * Accepts a drawn token. It is the last one if it has a `finishReason`, which it must have if `reason` is given:
   * why it is the last one, unless it ends the text itself.
   */
  accept({ id, logprob }: Sampled, reason?: 'context' | 'stop'): Accepted {
    const ended = this.#endTokens.has(id);
    let finishReason: FinishReason | undefined;
    this.#acceptedCount++;
    const isComplete = this.#processors.some((processor) => processor.ends?.(id));
    for (const processor of this.#processors) processor.push?.(id);
    let text = ended ? '' : this.#beforeStop(this.#decoder.push(id));
    if (ended) finishReason = 'eos';
    else if (isComplete || reason === 'stop') finishReason = 'stop';
    else if (this.#acceptedCount === this.#options.maxTokens) finishReason = 'length';
    else finishReason = reason;
    if (finishReason !== undefined) text += this.#beforeStop(this.#decoder.end());
    if (this.#stops?.matched !== undefined) finishReason = 'stop';
    if (finishReason !== undefined) text += this.#stops?.end() ?? '';
    const token = { id, text, index: this.index };
    const told = logprob && { logprob: logprob.logprob, top: logprob.top };
    return { token: { ...token, ...told }, logprob, finishReason };
  }

  /** Adds an accepted token to the completion, and returns it as the stream yields it. */
  add({ token, logprob, finishReason }: Accepted): Token {
    this.#tokens.push(token.id);
    this.#text += token.text;
    if (logprob !== undefined) this.#logprobs.push(logprob);
    this.finishReason = finishReason;
    return token;
  }

  /** What the next piece of the decoder adds to the text that comes before any stop string. */
  #beforeStop(piece: string): string {
    const shown = this.#shown(piece);
    return this.#stops?.push(shown) ?? shown;
  }

  /** A piece of text without the part that repeats the prompt. */
  #shown(piece: string): string {
    const hidden = Math.min(piece.length, this.#unshown);
    this.#unshown -= hidden;
    return piece.slice(hidden);
  }

  /** Tokens that come next in any case. */
  get forced(): readonly number[] {
    return this.#processors.find(({ forced }) => forced?.length)?.forced ?? [];
  }

  /** Copies of the processors that know the form of the text, to mask drafts with. */
  masks(): CompletionProcessor[] {
    return this.#processors.flatMap((processor) => processor.fork?.() ?? []);
  }

  /** The beginning of `drafts` that the processors do not ban. */
  admitted(drafts: readonly number[]): readonly number[] {
    const counts = this.#processors.map((processor) => processor.admitted?.(drafts) ?? drafts.length);
    return drafts.slice(0, Math.min(...counts));
  }

  /** How many tokens were accepted. */
  get tokenCount(): number {
    return this.#acceptedCount;
  }

  build(): Choice {
    const choice = {
      index: this.index,
      text: this.#text,
      tokens: this.#tokens.slice(),
      finishReason: this.finishReason ?? 'aborted',
      ...(this.score !== undefined && { score: this.score }),
    };
    return this.#options.logprobs === undefined ? choice : { ...choice, logprobs: this.#logprobs.slice() };
  }
}
