import { readFileSync } from 'node:fs';
import { SentencePieceDecoder } from '../../../src/tokenizer/sentencepiece/decoder.js';
import {
  CONTROL,
  type SentencePieceDefinition,
  UNKNOWN,
} from '../../../src/tokenizer/sentencepiece/definition.js';
import type { SentencePieceEncoder } from '../../../src/tokenizer/sentencepiece/encoder.js';
import { readModelFile } from '../../../src/tokenizer/sentencepiece/model_file.js';

const FOLDER = new URL('../../fixtures/tokenizer-files/', import.meta.url);

export const MODELS = ['sp-bpe', 'sp-bpe-suffix', 'sp-unigram', 'sp-unigram-bytes'];

export const modelBytes = (name: string) =>
  new Uint8Array(readFileSync(new URL(`${name}/tokenizer.model`, FOLDER)));

export const modelOf = (name: string) => readModelFile(name, modelBytes(name));

export interface ModelCase {
  readonly text: string;
  readonly ids: number[];
  readonly decoded: string;
}

export const expectedOf = (name: string): { cases: ModelCase[] } =>
  JSON.parse(readFileSync(new URL(`${name}/expected.json`, FOLDER), 'utf8'));

export interface Variant {
  readonly definition: SentencePieceDefinition;
  readonly cases: readonly (ModelCase & { random: number[]; randomDecoded: string })[];
}

export function variants(): Variant[] {
  const file = new URL('sentencepiece-variants.json', FOLDER);
  const stored: StoredVariant[] = JSON.parse(readFileSync(file, 'utf8'));
  return stored.map(({ cases, scores, types, charsmap, ...rest }) => ({
    cases,
    definition: {
      ...rest,
      scores: Float32Array.from(scores),
      types: Uint8Array.from(types, Number),
      charsmap: charsmap === '' ? new Uint8Array(0) : modelOf(charsmap).charsmap,
    },
  }));
}

/** A variant in its file, where `charsmap` names the model with the same rules. */
type StoredVariant = Omit<SentencePieceDefinition, 'scores' | 'types' | 'charsmap'> &
  Pick<Variant, 'cases'> & { scores: number[]; types: string; charsmap: string };

/** A model of the given pieces, after <unk>, <s> and </s>, whose texts are normalized by no rule. */
export function plainModel(
  modelType: SentencePieceDefinition['modelType'],
  pieces: readonly (readonly [piece: string, score: number, type: number])[],
): SentencePieceDefinition {
  return {
    modelType,
    pieces: ['<unk>', '<s>', '</s>', ...pieces.map(([piece]) => piece)],
    scores: Float32Array.from([0, 0, 0, ...pieces.map(([, score]) => score)]),
    types: Uint8Array.from([UNKNOWN, CONTROL, CONTROL, ...pieces.map(([, , type]) => type)]),
    ...{ byteFallback: false, addDummyPrefix: false, removeExtraWhitespaces: false },
    ...{ escapeWhitespaces: true, treatWhitespaceAsSuffix: false },
    ...{ charsmap: new Uint8Array(0), unknownSurface: ' \u2047 ' },
  };
}

export function encoded(encoder: SentencePieceEncoder, text: string): number[] {
  const ids: number[] = [];
  encoder.encode(new TextEncoder().encode(text), (id) => ids.push(id));
  return ids;
}

/** The texts that a decoder gives for each id, then its end. */
export function decodedParts(
  definition: SentencePieceDefinition,
  ids: readonly number[],
  showsControl = false,
): string[] {
  const decoder = new SentencePieceDecoder(definition, showsControl);
  return [...ids.map((id) => decoder.push(id)), decoder.end()];
}
