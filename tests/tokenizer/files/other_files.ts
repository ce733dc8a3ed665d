import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../../src/files/json_object.js';
import { fromJson } from '../../../src/tokenizer/bpe/definition.js';
import { tokenizerParts, withNotes } from '../../../src/tokenizer/files/parts.js';
import { Tokenizer } from '../../../src/tokenizer/tokenizer.js';

/** A file of fixtures/tokenizer-files. */
export function readFixture(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../fixtures/tokenizer-files/${path}`, import.meta.url)));
}

export const textFixture = (path: string) => new TextDecoder().decode(readFixture(path));

/** The tokenizer of a tokenizer.json that has GPT-2's byte-level BPE. */
export async function byteLevelTokenizer(json: JsonObject): Promise<Tokenizer> {
  const none = { addedTokens: undefined, specialTokensMap: undefined, tokenizerConfig: undefined };
  const definition = (await fromJson('file', JSON.parse(JSON.stringify(json))))!;
  return new Tokenizer(await withNotes(tokenizerParts(definition, none)));
}

/** A tokenizer.json as tests read it. */
export interface AnyTokenizerJson {
  normalizer: JsonObject | null;
  pre_tokenizer: { pretokenizers: { pattern: { Regex: string }; use_regex: boolean }[] };
  post_processor: {
    single: Record<string, { id: string }>[];
    special_tokens: Record<string, unknown>;
  } | null;
  decoder: JsonObject;
  added_tokens: { id: number; content: string; special: boolean }[];
  model: { type: string; vocab: Record<string, number>; unk_token: string; merges: unknown[] };
}

/** As a file has it. */
export const asFile = (json: JsonObject): AnyTokenizerJson => JSON.parse(JSON.stringify(json));

/** The tokens that the post-processor puts around a text, which is A. */
export const aroundText = ({ post_processor: template }: AnyTokenizerJson) =>
  template?.single.map((part) => (part.SpecialToken ?? part.Sequence)!.id) ?? [];
