import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { contentOf } from '../added_tokens.js';
import { CONTROL, type SentencePieceDefinition, UNKNOWN, USER_DEFINED } from '../sentencepiece/definition.js';
import { sentencePieceJson } from '../sentencepiece/json.js';
import { readModelFile } from '../sentencepiece/model_file.js';
import { stepsBefore } from './sentencepiece_steps.js';
import { sentencePieceTemplate } from './sentencepiece_template.js';

/**
 * Classes of transformers that change texts or ids in ways of their own, and are not read. Other classes give
 * the ids of the model file.
 */
const OTHER_CLASSES: ReadonlyMap<string, string> = new Map([
  ['CpmTokenizer', 'needs the Chinese dictionary of jieba'],
  ...[
    ...['BarthezTokenizer', 'BartphoTokenizer', 'CamembertTokenizer', 'ErnieMTokenizer', 'M2M100Tokenizer'],
    ...['MarianTokenizer', 'MBartTokenizer', 'MBart50Tokenizer', 'NllbTokenizer', 'PegasusTokenizer'],
    ...['PLBartTokenizer', 'Speech2TextTokenizer', 'XLMProphetNetTokenizer', 'XGLMTokenizer'],
  ].map((name) => [name, 'numbers the pieces in a way of its own'] as const),
]);

/** Most tokens <extra_id_0>, ... of T5, whose models have 100. */
const MOST_EXTRA_IDS = 10_000;

/** A tokenizer in the form of a tokenizer.json, and the tokens of roles that no settings name. */
export interface SentencePieceFile {
  readonly json: JsonObject;
  readonly roles: JsonObject;
}

/**
 * The tokenizer.json of a SentencePiece model file, as the class of transformers uses it that `settings` name
 * (tokenizer_config.json with the effective token of each role): T5Tokenizer, GPTSw3Tokenizer,
 * LlamaTokenizer, XLMRobertaTokenizer, AlbertTokenizer, XLNetTokenizer; without a class, or with another, the
 * model's own ids. Throws `invalid-file`, and `unsupported` for a class with rules that are not read.
 */
export function readSentencePiece(label: string, bytes: Uint8Array, settings: JsonObject): SentencePieceFile {
  const name =
    typeof settings.tokenizer_class === 'string' ? settings.tokenizer_class.replace(/Fast$/, '') : '';
  const reason = OTHER_CLASSES.get(name);
  if (reason !== undefined) throw new Gpt2Error('unsupported', `${label}: ${name} ${reason}`);
  const stored = readModelFile(label, bytes);
  const numbered = name === 'XLMRobertaTokenizer' ? inFairseqOrder(label, stored) : stored;
  const definition = withSpecial(withExtraIds(label, numbered, settings.extra_ids), settings);
  const control = (content: unknown) => {
    const id = definition.pieces.findIndex(
      (piece, id) => piece === content && definition.types[id] === CONTROL,
    );
    return id === -1 ? undefined : { content: definition.pieces[id]!, id };
  };
  const usual = {
    bos_token: '<s>',
    eos_token: name === 'GPTSw3Tokenizer' ? '<|endoftext|>' : '</s>',
    pad_token: '<pad>',
  };
  const roles = Object.fromEntries(Object.entries(usual).filter(([, content]) => control(content)));
  const begin = control(contentOf(settings.bos_token ?? usual.bos_token));
  const end = control(contentOf(settings.eos_token ?? usual.eos_token));
  const sentences = name === 'XLNetTokenizer' ? ['<sep>', '<cls>'] : ['[SEP]', '[CLS]'];
  const separator = control(contentOf(settings.sep_token ?? sentences[0]));
  const first = control(contentOf(settings.cls_token ?? sentences[1]));
  const template = sentencePieceTemplate(name, { begin, end, separator, first }, settings);
  return { json: sentencePieceJson({ definition, before: stepsBefore(name, settings) }, template), roles };
}

/** Makes the user-defined symbols control pieces that settings name as special: texts cannot spell them. */
function withSpecial(definition: SentencePieceDefinition, settings: JsonObject): SentencePieceDefinition {
  const {
    additional_special_tokens: more,
    extra_special_tokens: extra,
    added_tokens_decoder: added,
  } = settings;
  const values = (list: unknown) => (typeof list === 'object' && list !== null ? Object.values(list) : []);
  const named = [
    ...Object.entries(settings).flatMap(([role, token]) => (role.endsWith('_token') ? [token] : [])),
    ...[...values(more), ...values(extra)],
    ...values(added).filter((token) => isJsonObject(token) && token.special === true),
  ];
  const special = new Set(named.map(contentOf));
  const types = definition.types.map((type, id) =>
    type === USER_DEFINED && special.has(definition.pieces[id]) ? CONTROL : type,
  );
  return { ...definition, types };
}

/** Adds T5's tokens <extra_id_0>, ..., of which the last comes first. */
function withExtraIds(
  label: string,
  definition: SentencePieceDefinition,
  count: unknown,
): SentencePieceDefinition {
  if (typeof count !== 'number' || count === 0) return definition;
  if (!Number.isInteger(count) || count < 0 || count > MOST_EXTRA_IDS) {
    throw new Gpt2Error(
      'invalid-file',
      `${label}: extra_ids is ${count}; it may be from 0 to ${MOST_EXTRA_IDS}`,
    );
  }
  const extra = Array.from({ length: count }, (_, i) => `<extra_id_${count - 1 - i}>`);
  return {
    ...definition,
    pieces: [...definition.pieces, ...extra],
    scores: Float32Array.from([...definition.scores, ...extra.map(() => 0)]),
    types: Uint8Array.from([...definition.types, ...extra.map(() => CONTROL)]),
  };
}

/** The first ids of fairseq's vocabularies, in place of <unk>, <s> and </s> of the model file. */
const FAIRSEQ: readonly (readonly [piece: string, type: number])[] = [
  ['<s>', CONTROL],
  ['<pad>', CONTROL],
  ['</s>', CONTROL],
  ['<unk>', UNKNOWN],
];

/** The pieces with the ids of XLMRobertaTokenizer: four of fairseq's, those of the model file, and <mask>. */
function inFairseqOrder(label: string, stored: SentencePieceDefinition): SentencePieceDefinition {
  const { pieces, scores, types } = stored;
  if (types[0] !== UNKNOWN || types[1] !== CONTROL || types[2] !== CONTROL) {
    throw new Gpt2Error('invalid-file', `${label}: its first pieces are not <unk>, <s> and </s>`);
  }
  return {
    ...stored,
    pieces: [...FAIRSEQ.map(([piece]) => piece), ...pieces.slice(3), '<mask>'],
    scores: Float32Array.from([0, 0, 0, 0, ...scores.slice(3), 0]),
    types: Uint8Array.from([...FAIRSEQ.map(([, type]) => type), ...types.slice(3), CONTROL]),
  };
}
