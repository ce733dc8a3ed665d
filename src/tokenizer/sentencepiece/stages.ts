import type { JsonObject } from '../../files/json_object.js';
import { DecoderChain } from '../pipeline/decoders/create.js';
import type { Decoder } from '../pipeline/decoders/decode_step.js';
import type { PieceModel, TokenSink } from '../pipeline/models/model.js';
import { TextVocabulary } from '../pipeline/models/vocabulary.js';
import { createNormalizer } from '../pipeline/normalizers/create.js';
import type { Normalizer } from '../pipeline/normalizers/normalizer.js';
import { SentencePieceDecoder } from './decoder.js';
import { BYTE, CONTROL, type SentencePieceDefinition, SPACE_SYMBOL, UNKNOWN } from './definition.js';
import { byteOfPiece, SentencePieceEncoder } from './encoder.js';
import { sentencePieceOf } from './json.js';

/**
 * The parts of a pipeline that are SentencePiece's own; texts between added tokens are not split before them.
 */
export interface SentencePieceStages {
  readonly normalizers: readonly Normalizer[];
  readonly preTokenizers: readonly [];
  readonly model: PieceModel;
  readonly decoder: DecoderChain;
}

/** The parts for a tokenizer.json with `model.sentencepiece`. `file` names it. Throws `invalid-file`. */
export function sentencePieceStages(file: string, json: JsonObject): SentencePieceStages {
  const { definition, before } = sentencePieceOf(file, json);
  return {
    normalizers: createNormalizer({ type: 'Sequence', normalizers: before }, file),
    preTokenizers: [],
    model: new SentencePieceModel(file, definition),
    decoder: new DecoderChain([decoderOf(definition)]),
  };
}

class SentencePieceModel implements PieceModel {
  readonly kind: string;
  readonly vocabulary: TextVocabulary;
  readonly #encoder: SentencePieceEncoder;

  constructor(file: string, definition: SentencePieceDefinition) {
    this.kind = `SentencePiece ${definition.modelType}`;
    this.#encoder = new SentencePieceEncoder(file, definition);
    this.vocabulary = new TextVocabulary(
      file,
      definition.pieces.map((piece, id) => [piece, id] as const),
    );
  }

  encode(piece: string, tokens: TokenSink): void {
    this.#encoder.encode(new TextEncoder().encode(piece), (...token) => tokens.push(...token));
  }
}

function decoderOf(definition: SentencePieceDefinition): Decoder {
  const ids = new Map(definition.pieces.map((piece, id) => [piece, id]));
  return {
    fuses: true,
    start() {
      const decoder = new SentencePieceDecoder(definition, true);
      return {
        push(token) {
          const id = ids.get(token);
          return [id === undefined ? decoder.add(token) : decoder.push(id)];
        },
        end: () => [decoder.end()],
      };
    },
    within(added) {
      const id = typeof added === 'string' ? ids.get(added) : undefined;
      if (typeof added !== 'string' || id === undefined) return added;
      const type = definition.types[id];
      if (type === BYTE) return Uint8Array.of(byteOfPiece(added));
      if (type === UNKNOWN) return definition.unknownSurface;
      return type === CONTROL ? added : added.replaceAll(SPACE_SYMBOL, ' ');
    },
  };
}
