import { type Part, stepsOf } from '../part.js';
import { patternOf } from '../regex/pattern.js';
import { bertNormalizer } from './bert.js';
import { byteSymbols } from './byte_level.js';
import { lowercase, nmt, prepend, strip, stripAccents } from './characters.js';
import type { Normalizer } from './normalizer.js';
import { precompiled } from './precompiled.js';
import { replace } from './replace.js';
import { unicodeForm } from './unicode_form.js';

/** By type: the function that reads a normalizer. */
const NORMALIZERS: Readonly<Record<string, (part: Part) => Normalizer>> = {
  NFC: () => unicodeForm('NFC'),
  NFD: () => unicodeForm('NFD'),
  NFKC: () => unicodeForm('NFKC'),
  NFKD: () => unicodeForm('NFKD'),
  Nmt: () => nmt,
  Lowercase: () => lowercase,
  StripAccents: () => stripAccents,
  Strip: (part) => strip(part.flag('strip_left', true), part.flag('strip_right', true)),
  Prepend: (part) => prepend(part.shortText('prepend')),
  Replace: (part) => replace(patternOf(part), part.shortText('content')),
  BertNormalizer: bertNormalizer,
  Precompiled: precompiled,
  ByteLevel: () => byteSymbols,
};

/** The steps of a normalizer. Throws `invalid-file` and `unsupported`. */
export function createNormalizer(value: unknown, file: string): readonly Normalizer[] {
  const steps = stepsOf(value, 'normalizer', 'normalizers', file, NORMALIZERS);
  return steps.map((part) => NORMALIZERS[part.type]!(part));
}
