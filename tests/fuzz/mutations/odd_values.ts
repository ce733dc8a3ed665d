/** Numbers that break sums, products and sizes. */
export const NUMBERS = [0, 1, 2, 7, 16, 31, 32, 64, 127, 128, 255, 256, 1023, 32767, 65535, 65536, 2 ** 20];
export const LARGE = [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40, 2 ** 53 - 1, 2 ** 53, 2 ** 63];

/** Pieces that break readers of texts. */
export const ODD_TEXTS = [
  '',
  '\u0000',
  '\uFEFF',
  '\uD800',
  '\u{1F600}',
  '\u0301',
  'İ',
  'ß',
  '\r\n',
  '\u2028',
  '"',
  '\\',
  '{{',
  '%}',
  '(((',
  '[',
  '*',
  '+?',
  '{1,99999}',
  '$',
  '__proto__',
  'constructor',
];
