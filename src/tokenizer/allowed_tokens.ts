import { show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import type { AddedToken } from './added_tokens.js';
import type { EncodeOptions } from './encode_options.js';

/** Most special tokens that a message lists. */
const MOST_NAMED = 20;

/** Makes what splits a text at added tokens, for the special tokens that a call allows. */
export class AllowedTokens<Splitter> {
  readonly #tokens: readonly AddedToken[];
  readonly #create: (tokens: readonly AddedToken[]) => Splitter;
  /** For the tokens that are not special, and for all. */
  readonly #plain: Splitter;
  readonly #full: Splitter;
  /** The splitter for the special tokens that the last call named: most callers always name the same. */
  #named: { readonly names: ReadonlySet<string>; readonly splitter: Splitter } | undefined;

  constructor(tokens: readonly AddedToken[], create: (tokens: readonly AddedToken[]) => Splitter) {
    this.#tokens = tokens;
    this.#create = create;
    this.#plain = create(tokens.filter(({ special }) => !special));
    this.#full = create(tokens);
  }

  /** Throws `invalid-option` for a name that is not a special token. */
  splitter(allowed: EncodeOptions['allowedSpecial'] = 'none'): Splitter {
    if (allowed === 'none') return this.#plain;
    if (allowed === 'all') return this.#full;
    if (!Array.isArray(allowed)) {
      throw new Gpt2Error(
        'invalid-option',
        `allowedSpecial must be 'none', 'all' or an array of special tokens, not ${show(allowed)}`,
      );
    }
    const names = new Set(allowed);
    const all = this.#tokens.filter(({ special }) => special).map(({ content }) => content);
    for (const name of names) {
      if (all.includes(name)) continue;
      const known = all.slice(0, MOST_NAMED).join(', ') || 'none';
      throw new Gpt2Error(
        'invalid-option',
        `allowedSpecial names ${show(name)}, which is not a special token of this tokenizer (it has ${known}${all.length > MOST_NAMED ? ` and ${all.length - MOST_NAMED} more` : ''})`,
      );
    }
    const isLast =
      this.#named?.names.size === names.size && [...names].every((name) => this.#named!.names.has(name));
    if (!isLast) {
      const tokens = this.#tokens.filter(({ special, content }) => !special || names.has(content));
      this.#named = { names, splitter: this.#create(tokens) };
    }
    return this.#named!.splitter;
  }
}
