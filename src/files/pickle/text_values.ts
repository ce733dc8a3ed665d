import { utf8Text } from '../../base/utf8_text.js';
import { safe } from './cursor.js';

/** The values of protocol 0, which are written as text. All give `undefined` for text that is malformed. */

/** "12", or "01" and "00" for true and false. */
export function textInteger(line: string): number | bigint | boolean | undefined {
  if (line === '01' || line === '00') return line === '01';
  const digits = line.replace(/L$/, '').trim();
  return /^[-+]?\d+$/.test(digits) ? safe(BigInt(digits.replace('+', ''))) : undefined;
}

export function textFloat(line: string): number | undefined {
  const text = line.trim().toLowerCase();
  const special = /^([-+]?)(nan|inf(?:inity)?)$/.exec(text);
  if (special !== null) return special[2] === 'nan' ? NaN : special[1] === '-' ? -Infinity : Infinity;
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/.test(text) ? Number(text) : undefined;
}

const ESCAPED: Readonly<Record<string, string>> = {
  ...{ '\\': '\\', "'": "'", '"': '"', '\n': '' },
  ...{ n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' },
};

/** A text of Python 2 in quotes, whose characters are bytes. */
export function quotedText(line: string): string | undefined {
  const quoted = /^(['"])(.*)\1$/s.exec(line.trim());
  if (quoted === null) return undefined;
  const text = quoted[2]!.replace(
    /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))/gs,
    (whole, hex, octal, character) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      return ESCAPED[character] ?? whole;
    },
  );
  return utf8Text(Uint8Array.from(text, (character) => character.charCodeAt(0))) ?? text;
}

/** A text in which only characters above U+00FF, newlines and backslashes are escaped. */
export function escapedText(line: string): string | undefined {
  let isWhole = true;
  const text = line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short, long) => {
    const code = Number.parseInt(short ?? long, 16);
    if (code > 0x10ffff) isWhole = false;
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
  return isWhole ? text : undefined;
}
