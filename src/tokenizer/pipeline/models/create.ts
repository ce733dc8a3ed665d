import { isJsonObject } from '../../../files/json_object.js';
import { type Part, unknownPart } from '../part.js';
import { CharacterBpe } from './bpe.js';
import type { PieceModel } from './model.js';
import { Unigram } from './unigram.js';
import { WordLevel, WordPiece } from './words.js';

/** By type: the function that reads a model. */
const MODELS: Readonly<Record<string, (part: Part) => PieceModel>> = {
  BPE: (part) => new CharacterBpe(part),
  Unigram: (part) => new Unigram(part),
  WordPiece: (part) => new WordPiece(part),
  WordLevel: (part) => new WordLevel(part),
};

/** The type of a model; older files leave it out. */
function typeOf({ json, type }: Part): string {
  if (type !== '') return type;
  if (Array.isArray(json.vocab)) return 'Unigram';
  if (Array.isArray(json.merges)) return 'BPE';
  return isJsonObject(json.vocab) && 'max_input_chars_per_word' in json ? 'WordPiece' : 'WordLevel';
}

/** Throws `invalid-file` and `unsupported`. */
export function createModel(part: Part): PieceModel {
  const type = typeOf(part);
  if (!Object.hasOwn(MODELS, type)) throw unknownPart(part);
  return MODELS[type]!(part);
}
