import type { JsonObject } from '../../files/json_object.js';
import type { AddedToken } from '../added_tokens.js';
import type { KeptSettings } from '../tokenizer_parts.js';
import type { DecoderChain } from './decoders/create.js';
import type { PieceModel } from './models/model.js';
import type { Normalizer } from './normalizers/normalizer.js';
import type { PostProcessor } from './post_processors/create.js';
import type { PreTokenizer } from './pretokenizers/create.js';

/** The parts of a tokenizer that is a pipeline. */
export interface PipelineParts {
  /** Names the file in messages. */
  readonly file: string;
  /** The JSON of tokenizer.json, which is written again. */
  readonly json: JsonObject;
  readonly model: PieceModel;
  readonly addedTokens: readonly AddedToken[];
  readonly normalizers: readonly Normalizer[];
  readonly preTokenizers: readonly PreTokenizer[];
  /** Whether a pre-tokenizer needs to know where in the original a text begins. */
  readonly asksForStart: boolean;
  readonly postProcessor: PostProcessor;
  readonly decoder: DecoderChain;
  readonly bosTokenId: number | undefined;
  readonly eosTokenId: number | undefined;
  readonly kept: KeptSettings;
  readonly notes: readonly string[];
}
