import { Gpt2Error } from '../../base/errors.js';
import { parseJsonObject } from '../../files/json.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { steps, typeName } from '../../tokenizer/files/steps.js';
import { SPACE_SYMBOL } from '../../tokenizer/sentencepiece/definition.js';
import { sentencePieceOf } from '../../tokenizer/sentencepiece/json.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { MetadataPair, TypedValue } from './header_writer.js';
import type { OtherMetadata } from './other_metadata.js';
import { patternsName } from './split_patterns.js';
import { CONTROL, NORMAL, UNUSED, USER_DEFINED } from './token_types.js';

/** A vocabulary as GGUF lists it. */
interface Listed {
  readonly kind: readonly MetadataPair[];
  readonly texts: string[];
  readonly types: number[];
  readonly scores?: number[];
  readonly lost: readonly string[];
}

const key = (name: string) => `tokenizer.ggml.${name}`;
const text = (value: string): TypedValue => ({ type: 'string', value });
const flag = (value: boolean): TypedValue => ({ type: 'bool', value });

/**
 * The metadata of a tokenizer with a pipeline: SentencePiece's, WordPiece with BERT's normalizer, or
 * byte-level BPE with a pattern that llama.cpp has. Throws `unsupported` for others.
 */
export function otherTokenizerMetadata(
  tokenizer: Tokenizer,
  vocabSize: number,
  where: string,
): OtherMetadata {
  const files = tokenizer.files();
  const json = parseJsonObject(files['tokenizer.json']!, where);
  const settings = parseJsonObject(files['tokenizer_config.json']!, where);
  const listed = listOf(json, vocabSize, where);
  if (listed === undefined) {
    throw new Gpt2Error(
      'unsupported',
      `${where} has a tokenizer of the kind ${tokenizer.kind}, for which GGUF has no name; convert the model to a Hugging Face folder`,
    );
  }
  const { texts, types, scores } = listed;
  for (const { id, content, special } of json.added_tokens as {
    id: number;
    content: string;
    special: boolean;
  }[]) {
    texts[id] = content;
    if (types[id] === undefined || types[id] === NORMAL) types[id] = special ? CONTROL : USER_DEFINED;
  }
  const seen = new Set<string>();
  for (let id = 0; id < vocabSize; id++) {
    if (texts[id] === undefined) {
      texts[id] = `[PAD${id}]`;
      types[id] = UNUSED;
    }
    if (scores !== undefined) scores[id] ??= 0;
    if (seen.has(texts[id]!)) {
      throw new Gpt2Error(
        'unsupported',
        `${where}: two tokens would both be ${JSON.stringify(texts[id])} in GGUF`,
      );
    }
    seen.add(texts[id]!);
  }
  const ids: Record<string, number | undefined> = {};
  for (const [role, name] of ROLES) {
    const token = settings[role];
    const content = isJsonObject(token) ? token.content : token;
    const id = typeof content === 'string' ? tokenizer.tokenToId(content) : undefined;
    ids[name] = id;
  }
  return {
    pairs: [
      ...listed.kind,
      [key('tokens'), { element: 'string', values: texts.slice(0, vocabSize) }],
      [key('token_type'), { element: 'i32', values: types.slice(0, vocabSize) }],
      ...(scores === undefined
        ? []
        : [[key('scores'), { element: 'f32', values: scores.slice(0, vocabSize) }] as MetadataPair]),
    ],
    warnings: [
      ...listed.lost,
      ...(tokenizer.vocabSize <= vocabSize
        ? []
        : [`the model has ${vocabSize} tokens: those of the tokenizer from id ${vocabSize} on are left out`]),
    ],
    ids,
    bosTokenId: tokenizer.bosTokenId,
    eosTokenId: tokenizer.eosTokenId,
    chatTemplate: files['chat_template.jinja'] ?? settings.chat_template,
  };
}

/** Roles whose tokens GGUF names besides those that begin and end a text; it spells one so. */
const ROLES = [
  ['unk_token', 'unknown'],
  ['sep_token', 'seperator'],
  ['pad_token', 'padding'],
  ['cls_token', 'cls'],
  ['mask_token', 'mask'],
] as const;

function listOf(json: JsonObject, vocabSize: number, where: string): Listed | undefined {
  const model = json.model as JsonObject;
  if (isJsonObject(model.sentencepiece)) return sentencePiece(json, where);
  if (model.type === 'WordPiece') return wordPiece(json, model);
  return model.type === 'BPE' ? byteLevel(json, model, vocabSize) : undefined;
}

function sentencePiece(json: JsonObject, where: string): Listed | undefined {
  const { definition, before } = sentencePieceOf(where, json);
  const { modelType, pieces, types, scores, charsmap } = definition;
  if (modelType !== 'unigram' && modelType !== 'bpe') return undefined;
  const lost = [
    ...before.map(
      (step) => `GGUF has no name for ${typeName(step)}, which the tokenizer does with a text first`,
    ),
    ...(definition.treatWhitespaceAsSuffix ? ['GGUF cannot say that spaces end words'] : []),
    ...(charsmap.length > 0 && modelType === 'bpe'
      ? ['llama.cpp does not normalize texts for this kind']
      : []),
  ];
  return {
    kind: [
      [key('model'), text(modelType === 'bpe' ? 'llama' : 't5')],
      [key('add_space_prefix'), flag(definition.addDummyPrefix)],
      [key('remove_extra_whitespaces'), flag(definition.removeExtraWhitespaces)],
      [key('add_bos_token'), flag(false)],
      [key('add_eos_token'), flag(false)],
      ...(charsmap.length === 0
        ? []
        : [[key('precompiled_charsmap'), { element: 'u8', values: [...charsmap] }] as MetadataPair]),
    ],
    texts: [...pieces],
    types: [...types],
    scores: [...scores],
    lost,
  };
}

function wordPiece({ normalizer }: JsonObject, model: JsonObject): Listed | undefined {
  if (!isJsonObject(normalizer) || normalizer.type !== 'BertNormalizer') return undefined;
  if ((model.continuing_subword_prefix ?? '##') !== '##') return undefined;
  const texts: string[] = [];
  const types: number[] = [];
  for (const [token, id] of Object.entries(model.vocab as Record<string, number>)) {
    texts[id] = token.startsWith('##') ? token.slice(2) : `${SPACE_SYMBOL}${token}`;
    types[id] = NORMAL;
  }
  const lost =
    normalizer.lowercase === false
      ? ['llama.cpp lowercases texts for this kind, and the model does not']
      : [];
  return { kind: [[key('model'), text('bert')]], texts, types, lost };
}

function byteLevel(json: JsonObject, model: JsonObject, vocabSize: number): Listed | undefined {
  const all = steps(json.pre_tokenizer).filter(isJsonObject);
  const last = all.at(-1);
  const patterns = all.slice(0, -1).map(({ pattern }) => (isJsonObject(pattern) ? pattern.Regex : undefined));
  const isSplit = all.slice(0, -1).every(({ type, behavior }) => type === 'Split' && behavior === 'Isolated');
  if (json.normalizer !== null || last?.type !== 'ByteLevel' || last.use_regex !== false || !isSplit)
    return undefined;
  const name = patternsName(patterns, model.ignore_merges === true);
  if (name === undefined) return undefined;
  const texts: string[] = [];
  const types: number[] = [];
  for (const [token, id] of Object.entries(model.vocab as Record<string, number>)) {
    texts[id] = token;
    types[id] = NORMAL;
  }
  const vocab = model.vocab as Record<string, number>;
  const merges = (model.merges as (string | string[])[])
    .map((pair) => (typeof pair === 'string' ? pair.split(' ') : pair))
    .filter(([left, right]) => [left!, right!, left! + right!].every((token) => vocab[token]! < vocabSize))
    .map((pair) => pair.join(' '));
  return {
    kind: [
      [key('model'), text('gpt2')],
      [key('pre'), text(name)],
      [key('merges'), { element: 'string', values: merges }],
    ],
    texts,
    types,
    lost: [],
  };
}
