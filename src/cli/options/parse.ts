import { InvalidArgumentError } from 'commander';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const TOKEN_ID = /^\d+$/;
const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n', '\\t': '\t', '\\\\': '\\' };

/** A decimal number; its range is for the library to check. */
export function parseNumber(text: string): number {
  if (NUMBER.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number.');
}

/** A number, or `auto`. */
export function parseThreads(text: string): 'auto' | number {
  return text === 'auto' ? text : parseNumber(text);
}

/** Ids separated by commas or white space. */
export function parseIds(text: string, previous: readonly number[] = []): number[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const wrong = words.find((word) => !TOKEN_ID.test(word));
  if (wrong !== undefined || words.length === 0) {
    throw new InvalidArgumentError(`${JSON.stringify(wrong ?? text)} is no token id such as 262.`);
  }
  return [...previous, ...words.map(Number)];
}

/** ID=VALUE, gathered over all uses of a flag. */
export function parseBias(text: string, previous: ReadonlyMap<number, number> = new Map()) {
  const [id, value, ...rest] = text.split('=');
  if (!TOKEN_ID.test(id!) || !NUMBER.test(value ?? '') || rest.length > 0) {
    throw new InvalidArgumentError('It must be ID=VALUE, such as 262=-1.5.');
  }
  return new Map([...previous, [Number(id), Number(value)]]);
}

/** Text in which `\n`, `\t` and `\\` stand for what they do in most languages, gathered over all uses of a flag. */
export function parseEscaped(text: string, previous: readonly string[] = []): string[] {
  return [...previous, text.replace(/\\[nt\\]/g, (pair) => ESCAPES[pair]!)];
}

/** `none`, `all`, or special tokens, one for each use of the flag. */
export function parseAllowedSpecial(text: string, previous: unknown): 'none' | 'all' | string[] {
  if (text === 'none' || text === 'all') return text;
  return Array.isArray(previous) ? [...previous, text] : [text];
}
