import type { JsonObject } from '../files/json_object.js';
import type { AddedToken } from './added_tokens.js';
import type { MergeTable } from './bpe/merge_table.js';
import type { Encoder } from './encoder.js';
import type { TokenTable } from './token_table.js';

/** Everything that a tokenizer is made of, whichever files it came from. */
export interface TokenizerParts {
  readonly tokens: TokenTable;
  createEncoder(): Encoder;
  readonly merges: MergeTable;
  readonly addedTokens: readonly AddedToken[];
  /** Put a space before each text that does not begin with one. */
  readonly addPrefixSpace: boolean;
  /** Stands for bytes that have no token of their own; without it they are left out. */
  readonly unknownTokenId: number | undefined;
  /** One unknown token stands for a run of bytes without a token. */
  readonly fuseUnknown: boolean;
  /** A piece that is a token is that token, whatever its merges lead to. */
  readonly ignoreMerges: boolean;
  readonly bosTokenId: number | undefined;
  readonly eosTokenId: number | undefined;
  /** What encoding and decoding do not need, kept for whoever writes the files again. */
  readonly kept: KeptSettings;
  readonly notes: readonly string[];
}

/** The parts of a tokenizer's files that change no token of a text. */
export interface KeptSettings {
  /** tokenizer_config.json, with the tokens by role as they count: such as pad_token, chat_template, model_max_length. */
  readonly settings: JsonObject;
  /** special_tokens_map.json, where there is one. */
  readonly specialTokensMap: JsonObject | undefined;
  /** chat_template.jinja, in which newer checkpoints keep what others have in tokenizer_config.json. */
  readonly chatTemplate?: string | undefined;
  /** Fields of tokenizer.json: post_processor, truncation, padding. */
  readonly unread: JsonObject;
}
