import { Gpt2Error } from '../../base/errors.js';
import { protobufFields } from '../../files/protobuf.js';
import { BYTE, MODEL_TYPES, MOST_PIECES, NORMAL, type SentencePieceDefinition } from './definition.js';

/** Fields of ModelProto. */
const PIECES = 1;
const TRAINER_SPEC = 2;
const NORMALIZER_SPEC = 3;
const DENORMALIZER_SPEC = 5;

/**
 * Reads a SentencePiece model, the protobuf message ModelProto. `file` names it in messages. Throws
 * `invalid-file`, and `unsupported` for rules that are applied to decoded text.
 */
export function readModelFile(file: string, bytes: Uint8Array): SentencePieceDefinition {
  const pieces: string[] = [];
  const scores: number[] = [];
  const types: number[] = [];
  // The defaults of the message's definition.
  let type = 1;
  let treatWhitespaceAsSuffix = false;
  let byteFallback = false;
  let unknownSurface = ' \u2047 ';
  let charsmap: Uint8Array = new Uint8Array(0);
  let addDummyPrefix = true;
  let removeExtraWhitespaces = true;
  let escapeWhitespaces = true;
  for (const { number, bytes: message } of protobufFields(bytes, file)) {
    if (number === PIECES) {
      if (pieces.length === MOST_PIECES) {
        throw new Gpt2Error('invalid-file', `${file} has more than ${MOST_PIECES} pieces`);
      }
      const what = `${file}: piece ${pieces.length}`;
      let text: string | undefined;
      let score = 0;
      let kind = NORMAL;
      for (const field of protobufFields(message, what)) {
        if (field.number === 1) text = utf8(field.bytes, what);
        else if (field.number === 2) score = float(field.bytes, what);
        else if (field.number === 3) kind = field.value;
      }
      pieces.push(text ?? '');
      scores.push(score);
      types.push(kind <= BYTE ? kind : 0);
    } else if (number === TRAINER_SPEC) {
      for (const field of protobufFields(message, `${file}: trainer_spec`)) {
        if (field.number === 3) type = field.value;
        else if (field.number === 24) treatWhitespaceAsSuffix = field.value !== 0;
        else if (field.number === 35) byteFallback = field.value !== 0;
        else if (field.number === 44) unknownSurface = utf8(field.bytes, `${file}: unk_surface`);
      }
    } else if (number === NORMALIZER_SPEC) {
      for (const field of protobufFields(message, `${file}: normalizer_spec`)) {
        if (field.number === 2) charsmap = field.bytes.slice();
        else if (field.number === 3) addDummyPrefix = field.value !== 0;
        else if (field.number === 4) removeExtraWhitespaces = field.value !== 0;
        else if (field.number === 5) escapeWhitespaces = field.value !== 0;
      }
    } else if (number === DENORMALIZER_SPEC) {
      for (const field of protobufFields(message, `${file}: denormalizer_spec`)) {
        if (field.number !== 2 || field.bytes.length === 0) continue;
        throw new Gpt2Error(
          'unsupported',
          `${file}: rules for decoded text (denormalizer_spec) are not read`,
        );
      }
    }
  }
  const modelType = MODEL_TYPES[type - 1];
  if (modelType === undefined) {
    throw new Gpt2Error('invalid-file', `${file}: model_type is ${type}; it must be from 1 to 4`);
  }
  return {
    ...{ modelType, pieces, scores: Float32Array.from(scores), types: Uint8Array.from(types), byteFallback },
    ...{ addDummyPrefix, removeExtraWhitespaces, escapeWhitespaces, treatWhitespaceAsSuffix },
    ...{ charsmap, unknownSurface },
  };
}

function float(bytes: Uint8Array, what: string): number {
  if (bytes.length !== 4) throw new Gpt2Error('invalid-file', `${what}: its score is no float`);
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
}

function utf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Gpt2Error('invalid-file', `${what} is not UTF-8 text`, { cause });
  }
}
