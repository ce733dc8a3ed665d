import type { JsonObject } from '../../files/json_object.js';

const replace = (pattern: JsonObject, content: string): JsonObject => ({ type: 'Replace', pattern, content });

/** Control characters other than tabs and line feeds, the no-break space and the soft hyphen. */
const UNPRINTED = String.raw`(?![\t\n])[\p{Cc}\xa0\xad\u200b]`;
/** Spaces of other widths, and the object replacement character. */
const SPACES = String.raw`[\u2000-\u200a\u202f\u205f\u3000\ufffc]`;

/** GPTSw3Tokenizer drops control characters, makes all spaces plain ones, and normalizes to NFC. */
const GPT_SW3 = [replace({ Regex: UNPRINTED }, ''), replace({ Regex: SPACES }, ' '), { type: 'NFC' }];
/** XLNetTokenizer and AlbertTokenizer replace doubled quotes. */
const QUOTES = [replace({ String: '``' }, '"'), replace({ String: "''" }, '"')];

/** The normalizers of a class of transformers before those of its SentencePiece model. */
export function stepsBefore(name: string, settings: JsonObject): readonly JsonObject[] {
  if (name === 'GPTSw3Tokenizer') return GPT_SW3;
  const isLower = settings.do_lower_case ?? name === 'AlbertTokenizer';
  const lower = isLower === true ? [{ type: 'Lowercase' }] : [];
  if (name !== 'XLNetTokenizer' && name !== 'AlbertTokenizer') return lower;
  const accents = settings.keep_accents === true ? [] : [{ type: 'NFKD' }, { type: 'StripAccents' }];
  return [...QUOTES, ...accents, ...lower];
}
