import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { vocabularyTries } from '../../tokenizer/vocabulary_trie.js';
import type { Expression } from './expressions/expression.js';
import type { Expressions } from './expressions/expressions.js';
import type { CompiledFormat, FormatDefinition } from './format.js';
import { TokenMasks } from './masks/token_masks.js';

/** Above so many kept expressions those that are not in use are forgotten. */
const MANY_EXPRESSIONS = 100_000;

/** The automaton of a format, and its masks for the vocabularies with which it was used. */
export class FormatAutomaton implements CompiledFormat {
  readonly definition: FormatDefinition;
  readonly #make: Expressions;
  readonly #start: Expression;
  readonly #masks = new WeakMap<Tokenizer, Map<number, TokenMasks>>();

  /** Use `compileFormat`. */
  constructor(definition: FormatDefinition, make: Expressions, start: Expression) {
    this.definition = definition;
    this.#make = make;
    this.#start = start;
  }

  accepts(text: string): boolean {
    let state = this.#start;
    for (const byte of new TextEncoder().encode(text)) {
      state = state.step(byte);
      if (state.isNothing) return false;
      this.trim();
    }
    return state.isNullable;
  }

  /** The state before a text that first repeats `prefix`, and then has the form. */
  startAfter(prefix: Uint8Array): Expression {
    return this.#make.sequence(this.#make.literal(prefix), this.#start);
  }

  /** The masks for a vocabulary of `size` ids. */
  masksFor(tokenizer: Tokenizer, size: number): TokenMasks {
    const bySize = this.#masks.get(tokenizer) ?? new Map<number, TokenMasks>();
    this.#masks.set(tokenizer, bySize);
    let masks = bySize.get(size);
    if (masks === undefined) {
      masks = new TokenMasks(vocabularyTries(tokenizer), size);
      bySize.set(size, masks);
    }
    return masks;
  }

  /** Forgets states that were passed, if they are many. */
  trim(): void {
    if (this.#make.size > MANY_EXPRESSIONS) this.#make.forget();
  }
}
