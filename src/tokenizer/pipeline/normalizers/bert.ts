import type { Part } from '../part.js';
import { lowercase, mapCharacters, without } from './characters.js';
import type { Normalizer } from './normalizer.js';
import { unicodeForm } from './unicode_form.js';

/** White space beyond that of Unicode is none: \t, \n and \r have it, other control characters go. */
const WHITE_SPACE = /\p{White_Space}/u;
const CONTROL = /[\0\ufffd]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}]/u;

const clean = mapCharacters((character) => {
  if (CONTROL.test(character)) return '';
  return WHITE_SPACE.test(character) ? ' ' : character;
});

// As in BERT's own code, without Extension E's beginning.
const CHINESE =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/u;

const spaceChinese = mapCharacters((character) => (CHINESE.test(character) ? ` ${character} ` : character));
const decompose = unicodeForm('NFD');
const dropAccents = without(/\p{Mn}/u);

/** BERT's normalizer: cleans controls, sets Chinese characters apart, strips accents and lowers case, as its flags say. */
export function bertNormalizer(part: Part): Normalizer {
  const lower = part.flag('lowercase', true);
  const steps: Normalizer[] = [];
  if (part.flag('clean_text', true)) steps.push(clean);
  if (part.flag('handle_chinese_chars', true)) steps.push(spaceChinese);
  if (part.flag('strip_accents', lower)) steps.push(decompose, dropAccents);
  if (lower) steps.push(lowercase);
  return (source) => steps.reduce((text, step) => step(text), source);
}
