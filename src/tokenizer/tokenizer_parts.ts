import type { JsonObject } from '../files/json_object.js';
import type { AddedToken } from './added_tokens.js';
import type { MergeTable } from './bpe/merge_table.js';
import type { Tokenization, TokenizeOptions } from './encode_options.js';
import type { Encoder } from './encoder.js';
import type { TokenTable } from './token_table.js';

/** The parts of a tokenizer, the same for all kinds of files. */
export interface TokenizerParts {
  readonly tokens: TokenTable;
  createEncoder(): Encoder;
  readonly merges: MergeTable;
  readonly addedTokens: readonly AddedToken[];
  /** Put a space before each text that does not begin with one. */
  readonly addPrefixSpace: boolean;
  /** The token for bytes that have none; they are left out if it is undefined. */
  readonly unknownTokenId: number | undefined;
  /** A run of bytes without tokens becomes one unknown token. */
  readonly fuseUnknown: boolean;
  /** A piece that is in the vocabulary becomes that token, without merging. */
  readonly ignoreMerges: boolean;
  readonly bosTokenId: number | undefined;
  readonly eosTokenId: number | undefined;
  /** Settings that encoding and decoding do not need; they are written again. */
  readonly kept: KeptSettings;
  readonly notes: readonly string[];
  /** The tokens of a text with those that the post-processor puts around it; undefined if it puts none. */
  readonly around?: ((ids: readonly number[]) => number[]) | undefined;
  /** Encodes a text with offsets; see `Tokenizer.tokenize`. */
  tokenize(tokenizer: WithFiles, text: string, options: TokenizeOptions): Promise<Tokenization>;
}

/** A tokenizer that can be written. */
export interface WithFiles {
  files(): Record<string, string>;
}

/** The parts of a tokenizer's files that do not change how a text is encoded. */
export interface KeptSettings {
  /**
   * tokenizer_config.json with the effective token of each role, such as pad_token; also chat_template,
   * model_max_length.
   */
  readonly settings: JsonObject;
  /** special_tokens_map.json, if there is one. */
  readonly specialTokensMap: JsonObject | undefined;
  /** chat_template.jinja: the template that older checkpoints have in tokenizer_config.json. */
  readonly chatTemplate?: string | undefined;
  /** Fields of tokenizer.json: post_processor, truncation, padding. */
  readonly unread: JsonObject;
}
