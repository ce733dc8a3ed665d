import type { ModelConfig } from '../architecture/gpt2/config.js';
import { Gpt2Error } from '../base/errors.js';
import { disagreements } from '../model/disagreements.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** The end-of-text token of a run. */
export interface RunEnd {
  /** Id of the token after each document. */
  readonly endOfText: number;
  /** Config of the trained model, whose generations end with that token too. */
  readonly config: ModelConfig;
  /** Differences between config and tokenizer and how they are resolved, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Chooses the token that ends a document: the tokenizer's, as Hugging Face's Trainer does; it is added to
 * those that end a generation of the trained model. An adapter (`isAdapter`) cannot change the model's
 * config, so the model's own end-of-text token is used if the tokenizer's is not one of them. Throws
 * `invalid-option` if neither has one that is in the model's vocabulary.
 */
export function chooseEnd(config: ModelConfig, tokenizer: Tokenizer, isAdapter: boolean): RunEnd {
  const { eosTokenIds, vocabSize } = config;
  const notes = disagreements(config, tokenizer);
  const own = eosTokenIds[0];
  const wanted = tokenizer.eosTokenId;
  const known = wanted !== undefined && wanted < vocabSize ? wanted : undefined;
  const endOfText =
    isAdapter && known !== undefined && !eosTokenIds.includes(known) ? (own ?? known) : (known ?? own);
  if (endOfText === undefined) {
    throw new Gpt2Error(
      'invalid-option',
      wanted === undefined
        ? 'the tokenizer has no token that ends a text, which must stand between documents'
        : `the tokenizer ends a text with token ${wanted}, but the model only ${vocabSize} tokens`,
    );
  }
  if (own !== undefined && wanted !== undefined && !eosTokenIds.includes(wanted)) {
    notes.push(
      endOfText === wanted
        ? `documents end with token ${wanted}, and what the trained model generates ends with it too`
        : `documents end with token ${endOfText}, with which the model ends a generation`,
    );
  }
  if (eosTokenIds.includes(endOfText)) return { endOfText, config, notes };
  return {
    endOfText,
    config: isAdapter ? config : { ...config, eosTokenIds: [endOfText, ...eosTokenIds] },
    notes,
  };
}

/**
 * As `chooseEnd`, for a model that may have no tokenizer and that stays as it is if `isFixed`. Throws `invalid-option`
 * if no token ends a text.
 */
export function endWithout(config: ModelConfig, tokenizer: Tokenizer | undefined, isFixed: boolean): RunEnd {
  if (tokenizer !== undefined) return chooseEnd(config, tokenizer, isFixed);
  const [endOfText] = config.eosTokenIds;
  if (endOfText !== undefined) return { endOfText, config, notes: [] };
  throw new Gpt2Error(
    'invalid-option',
    'no token ends a text: the model has no eosTokenIds; give a tokenizer',
  );
}

/**
 * Throws `invalid-option` if a token of the data is not in the model's vocabulary, such as an added padding
 * token.
 */
export function checkTokens(tokens: Int32Array, { vocabSize }: ModelConfig, tokenizer: Tokenizer): void {
  const found = tokens.find((id) => id < 0 || id >= vocabSize);
  if (found === undefined) return;
  throw new Gpt2Error(
    'invalid-option',
    `the data have token ${found}: the tokenizer has ${tokenizer.vocabSize} tokens, but the model only ${vocabSize}`,
  );
}
