import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { allowOnly } from '../processors/allow_only.js';
import type { CompletionProcessor } from '../processors/completion_processor.js';
import type { Expression } from './expressions/expression.js';
import { forcedTokens } from './forced_tokens.js';
import type { FormatAutomaton } from './format_automaton.js';
import { mustEnd } from './masks/first_bytes.js';
import type { TokenMasks } from './masks/token_masks.js';
import { usualTokens } from './usual_tokens.js';

/** What the constraint of one completion depends on. */
export interface ConstraintSettings {
  readonly format: FormatAutomaton;
  readonly tokenizer: Tokenizer;
  /** The number of logits. */
  readonly vocabSize: number;
  /** Tokens that end a text; none of them is text. */
  readonly endTokens: readonly number[];
  /** Bytes of the prompt's end that the completion writes again first. */
  readonly healed: Uint8Array;
}

/**
 * Bans the tokens with which a completion could no longer get the form of a format. Where only one continuation is
 * possible, the tokens that write it are the only ones.
 */
export class Constraint implements CompletionProcessor {
  readonly #settings: ConstraintSettings;
  readonly #masks: TokenMasks;
  #state: Expression;
  #forced: readonly number[] | undefined;

  constructor(settings: ConstraintSettings) {
    const { format, tokenizer, vocabSize, healed } = settings;
    this.#settings = settings;
    this.#masks = format.masksFor(tokenizer, vocabSize);
    this.#state = format.startAfter(healed);
  }

  fork(): Constraint {
    const fork = new Constraint(this.#settings);
    fork.#state = this.#state;
    fork.#forced = this.#forced;
    return fork;
  }

  ends(token: number): boolean {
    return mustEnd(this.#after(token));
  }

  /** Tokens that come next in any case. */
  get forced(): readonly number[] {
    this.#forced ??= forcedTokens(this.#state, this.#settings.tokenizer);
    return this.#forced;
  }

  apply(logits: Float32Array): void {
    const isPossible = (id: number) => logits[id]! > Number.NEGATIVE_INFINITY;
    const [only] = this.forced;
    if (only !== undefined && isPossible(only)) {
      allowOnly([only], logits);
      return;
    }
    const { endTokens, tokenizer } = this.#settings;
    const ends = endTokens.map((id) => logits[id]!);
    const mask = this.#masks.of(this.#state);
    const usual = usualTokens(mask, this.#state, tokenizer);
    if (usual.some(isPossible)) allowOnly(usual, logits);
    else mask.apply(logits);
    for (const [i, id] of endTokens.entries()) {
      logits[id] = this.#state.isNullable ? ends[i]! : Number.NEGATIVE_INFINITY;
    }
  }

  push(token: number): void {
    const [only, ...rest] = this.forced;
    this.#state = this.#after(token);
    // The rest of the tokens that were appended keep their borders.
    this.#forced = token === only && rest.length > 0 ? rest : undefined;
    this.#settings.format.trim();
  }

  admitted(tokens: readonly number[]): number {
    let state = this.#state;
    for (const [count, token] of tokens.entries()) {
      if (this.#settings.endTokens.includes(token)) return count;
      state = this.#after(token, state);
      if (state.isNothing) return count;
    }
    return tokens.length;
  }

  /** The state after a token; an end token changes nothing. */
  #after(token: number, state = this.#state): Expression {
    const { endTokens, tokenizer } = this.#settings;
    return endTokens.includes(token) ? state : state.after(tokenizer.tokenBytes(token));
  }
}
