import { Gpt2Error } from '../../base/errors.js';
import type { JsonObject } from '../../files/json_object.js';
import { contentOf } from '../added_tokens.js';
import type { TextFile } from './text_file.js';

/** Tokens of roles in BERT's vocabularies, if no settings name others. */
const ROLES = {
  pad_token: '[PAD]',
  unk_token: '[UNK]',
  cls_token: '[CLS]',
  sep_token: '[SEP]',
  mask_token: '[MASK]',
} as const;

/**
 * Classes of transformers that read a vocab.txt in another way than BertTokenizer, and the reason why they
 * are not read.
 */
const OTHER_CLASSES: ReadonlyMap<unknown, string> = new Map([
  ['BertJapaneseTokenizer', 'needs the Japanese dictionary of MeCab'],
  ['PhobertTokenizer', 'needs its bpe.codes'],
  ['BertweetTokenizer', 'needs its bpe.codes'],
  ['CpmAntTokenizer', 'needs the Chinese dictionary of jieba'],
  ['RoFormerTokenizer', 'needs the Chinese dictionary of jieba'],
  ['EsmTokenizer', 'is one of protein sequences'],
  ['TransfoXLTokenizer', 'is one of words'],
]);

/**
 * The tokenizer.json of a vocab.txt, as transformers' BertTokenizer reads it (WordPiece, Wu et al. 2016).
 * Line i is the token of id i. `settings`: tokenizer_config.json with the effective token of each role.
 * Throws `invalid-file`, and `unsupported` for classes that need more than the vocabulary.
 */
export function readVocabTxt({ label, text }: TextFile, settings: JsonObject): JsonObject {
  const { tokenizer_class: name } = settings;
  const reason = OTHER_CLASSES.get(typeof name === 'string' ? name.replace(/Fast$/, '') : name);
  if (reason !== undefined) throw new Gpt2Error('unsupported', `${label}: ${name} ${reason}`);
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return wordPieceJson(label, lines, settings);
}

/** The tokenizer.json of BERT's tokens, by id. Throws `invalid-file` if the unknown token is missing. */
export function wordPieceJson(label: string, tokens: readonly string[], settings: JsonObject): JsonObject {
  const ids = new Map<string, number>();
  // Of a token that stands twice, the last one counts.
  for (const [id, token] of tokens.entries()) if (token !== '') ids.set(token, id);
  const nameOf = (role: keyof typeof ROLES) => {
    const content = contentOf(settings[role] ?? ROLES[role]);
    return typeof content === 'string' ? content : ROLES[role];
  };
  const unknown = nameOf('unk_token');
  if (!ids.has(unknown)) {
    throw new Gpt2Error('invalid-file', `${label} lacks the token ${unknown} for unknown words`);
  }
  const special = new Set(Object.keys(ROLES).map((role) => nameOf(role as keyof typeof ROLES)));
  const kept = settings.never_split;
  const whole = (Array.isArray(kept) ? kept : []).filter((token) => !special.has(token) && ids.has(token));
  const addedTokens = [...special, ...new Set<string>(whole)]
    .filter((content) => ids.has(content))
    .map((content) => ({
      ...{ id: ids.get(content)!, content, single_word: !special.has(content), lstrip: false, rstrip: false },
      ...{ normalized: false, special: special.has(content) },
    }))
    .sort((a, b) => a.id - b.id);
  const isBasic = settings.do_basic_tokenize !== false;
  return {
    ...{ version: '1.0', truncation: null, padding: null, added_tokens: addedTokens },
    normalizer: isBasic
      ? {
          type: 'BertNormalizer',
          clean_text: true,
          handle_chinese_chars: settings.tokenize_chinese_chars !== false,
          strip_accents: typeof settings.strip_accents === 'boolean' ? settings.strip_accents : null,
          lowercase: settings.do_lower_case !== false,
        }
      : null,
    pre_tokenizer: { type: isBasic ? 'BertPreTokenizer' : 'WhitespaceSplit' },
    post_processor: around(nameOf('cls_token'), nameOf('sep_token'), ids),
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: unknown,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(ids),
    },
  };
}

/** The template that puts a text between two tokens; `null` if the vocabulary lacks one. */
function around(first: string, last: string, ids: ReadonlyMap<string, number>): JsonObject | null {
  if (!ids.has(first) || !ids.has(last)) return null;
  const token = (id: string, type: number) => ({ SpecialToken: { id, type_id: type } });
  const text = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  const single = [token(first, 0), text('A', 0), token(last, 0)];
  const named = [first, last].map((id) => [id, { id, ids: [ids.get(id)], tokens: [id] }]);
  return {
    type: 'TemplateProcessing',
    single,
    pair: [...single, text('B', 1), token(last, 1)],
    special_tokens: Object.fromEntries(named),
  };
}
