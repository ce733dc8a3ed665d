import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { fromBase64, toBase64 } from '../base64.js';
import { steps } from '../files/steps.js';
import { joins } from '../joins.js';
import { CONTROL, MODEL_TYPES, type SentencePieceDefinition, UNKNOWN } from './definition.js';

/** A model, and what is done with a text before it. */
export interface PreparedModel {
  readonly definition: SentencePieceDefinition;
  /** Normalizers of a tokenizer.json. */
  readonly before: readonly JsonObject[];
}

/**
 * The tokenizer.json of a SentencePiece model. Its parts are those to which transformers converts such
 * models, so that other libraries read it; they give other ids for some texts. `model.sentencepiece` has the
 * rest, from which this package gives the ids of SentencePiece itself.
 */
export function sentencePieceJson({ definition, before }: PreparedModel, template: unknown): JsonObject {
  const { pieces, scores, types, charsmap } = definition;
  const unknown = types.indexOf(UNKNOWN);
  const addedTokens = pieces.flatMap((content, id) =>
    types[id] !== CONTROL && id !== unknown
      ? []
      : [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }],
  );
  const metaspace = {
    type: 'Metaspace',
    replacement: '\u2581',
    prepend_scheme: definition.addDummyPrefix ? 'always' : 'never',
    split: false,
  };
  const rules =
    charsmap.length === 0 ? [] : [{ type: 'Precompiled', precompiled_charsmap: toBase64(charsmap) }];
  const spaces = definition.removeExtraWhitespaces
    ? [
        { type: 'Strip', strip_left: true, strip_right: true },
        { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' },
      ]
    : [];
  const normalizers = [...before, ...rules, ...spaces];
  return {
    ...{ version: '1.0', truncation: null, padding: null, added_tokens: addedTokens },
    normalizer: normalizers.length === 0 ? null : { type: 'Sequence', normalizers },
    pre_tokenizer: metaspace,
    post_processor: template,
    decoder: definition.byteFallback
      ? { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, metaspace] }
      : metaspace,
    model: {
      ...standardModel(definition, unknown),
      sentencepiece: {
        model_type: definition.modelType,
        // One digit for each piece.
        types: types.join(''),
        ...(definition.modelType !== 'unigram' && { pieces, scores: [...scores] }),
        byte_fallback: definition.byteFallback,
        add_dummy_prefix: definition.addDummyPrefix,
        remove_extra_whitespaces: definition.removeExtraWhitespaces,
        escape_whitespaces: definition.escapeWhitespaces,
        treat_whitespace_as_suffix: definition.treatWhitespaceAsSuffix,
        unk_surface: definition.unknownSurface,
        before,
      },
    },
  };
}

function standardModel(
  { modelType, pieces, scores, byteFallback }: SentencePieceDefinition,
  unknown: number,
) {
  if (modelType === 'unigram') {
    const vocab = pieces.map((piece, id) => [piece, scores[id]]);
    return { type: 'Unigram', unk_id: unknown, vocab, byte_fallback: byteFallback };
  }
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const vocab = Object.fromEntries(ids);
  if (modelType === 'word') return { type: 'WordLevel', vocab, unk_token: pieces[unknown] };
  const order = [...ids].sort(([, a], [, b]) => scores[b]! - scores[a]! || a - b);
  return {
    ...{ type: 'BPE', dropout: null, unk_token: pieces[unknown], continuing_subword_prefix: null },
    ...{ end_of_word_suffix: null, fuse_unk: true, byte_fallback: byteFallback, ignore_merges: false },
    vocab,
    merges:
      modelType === 'char'
        ? []
        : joins(
            ids,
            order.map(([piece]) => piece),
          ),
  };
}

/** The model in a tokenizer.json with `model.sentencepiece`. `file` names it. Throws `invalid-file`. */
export function sentencePieceOf(file: string, { model, normalizer }: JsonObject): PreparedModel {
  const { vocab, sentencepiece } = model as JsonObject;
  const own = sentencepiece as JsonObject;
  const wrong = (what: string) => new Gpt2Error('invalid-file', `${file}: model.${what} is damaged`);
  const modelType = MODEL_TYPES.find((type) => type === own.model_type);
  if (modelType === undefined) throw wrong('sentencepiece.model_type');
  const entries = modelType === 'unigram' && Array.isArray(vocab) ? vocab : [];
  const pieces = modelType === 'unigram' ? entries.map((entry) => entry?.[0]) : own.pieces;
  const scores = modelType === 'unigram' ? entries.map((entry) => entry?.[1]) : own.scores;
  if (!isListOf(pieces, 'string')) throw wrong('vocab');
  if (!isListOf(scores, 'number') || scores.length !== pieces.length) throw wrong('sentencepiece.scores');
  const { types, unk_surface: unknownSurface, before } = own;
  if (typeof types !== 'string' || types.length !== pieces.length) throw wrong('sentencepiece.types');
  if (typeof unknownSurface !== 'string') throw wrong('sentencepiece.unk_surface');
  if (!Array.isArray(before) || !before.every(isJsonObject)) throw wrong('sentencepiece.before');
  const rules = steps(normalizer).find((step) => isJsonObject(step) && step.type === 'Precompiled');
  const charsmap = isJsonObject(rules) ? fromBase64(rules.precompiled_charsmap) : new Uint8Array(0);
  if (charsmap === undefined) {
    throw new Gpt2Error('invalid-file', `${file}: precompiled_charsmap of its normalizer is damaged`);
  }
  return {
    before,
    definition: {
      ...{ modelType, pieces, unknownSurface, charsmap },
      scores: Float32Array.from(scores),
      types: Uint8Array.from(types, Number),
      byteFallback: own.byte_fallback === true,
      addDummyPrefix: own.add_dummy_prefix === true,
      removeExtraWhitespaces: own.remove_extra_whitespaces === true,
      escapeWhitespaces: own.escape_whitespaces === true,
      treatWhitespaceAsSuffix: own.treat_whitespace_as_suffix === true,
    },
  };
}

function isListOf(value: unknown, type: 'string'): value is string[];
function isListOf(value: unknown, type: 'number'): value is number[];
function isListOf(value: unknown, type: 'string' | 'number'): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === type);
}
