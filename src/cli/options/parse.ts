import { InvalidArgumentError } from 'commander';
import type { BiasedSequence } from '../../generate/options.js';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const TOKEN_ID = /^\d+$/;
const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n', '\\t': '\t', '\\\\': '\\' };

/** Parses a decimal number. The library checks its range. */
export function parseNumber(text: string): number {
  if (NUMBER.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number.');
}

/** Parses a number or `auto`. */
export function parseThreads(text: string): 'auto' | number {
  return text === 'auto' ? text : parseNumber(text);
}

/** Parses ids separated by commas or white space, gathered over all uses of a flag. */
export function parseIds(text: string, previous: readonly number[] = []): number[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const wrong = words.find((word) => !TOKEN_ID.test(word));
  if (wrong !== undefined || words.length === 0) {
    throw new InvalidArgumentError(`${JSON.stringify(wrong ?? text)} is not a token id such as 262.`);
  }
  return [...previous, ...words.map(Number)];
}

/** Parses ID=NUMBER, gathered over all uses of a flag. */
export function parseBias(text: string, previous: ReadonlyMap<number, number> = new Map()) {
  const [id, value, ...rest] = text.split('=');
  if (!TOKEN_ID.test(id!) || !NUMBER.test(value ?? '') || rest.length > 0) {
    throw new InvalidArgumentError('It must be ID=NUMBER, such as 262=-1.5.');
  }
  return new Map([...previous, [Number(id), Number(value)]]);
}

/** Parses IDS=NUMBER or IDS=-Infinity, gathered over all uses of a flag. */
export function parseSequenceBias(text: string, previous: readonly BiasedSequence[] = []) {
  const [, ids, value] = /^([\d,]+)=(.+)$/.exec(text) ?? [];
  if (ids === undefined || !(NUMBER.test(value!) || value === '-Infinity')) {
    throw new InvalidArgumentError('It must be IDS=NUMBER, such as 11,262=-1.5, or IDS=-Infinity.');
  }
  return [...previous, { tokens: parseIds(ids), bias: Number(value) }];
}

/** Parses `true`, `false` or `never`. */
export function parseEarlyStopping(text: string): boolean | 'never' {
  if (text === 'never') return text;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new InvalidArgumentError('It must be true, false or never.');
}

/** Parses the names of samplers, as options or flags write them, separated by commas. */
export function parseSamplers(text: string): string[] {
  return text.split(',').map((name) => {
    const plain = name.trim().replace(/^-+/, '');
    return plain.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  });
}

/** Parses START,FACTOR. */
export function parseDecay(text: string): { start: number; factor: number } {
  const [start, factor, ...rest] = text.split(',');
  if (!NUMBER.test(start!) || !NUMBER.test(factor ?? '') || rest.length > 0) {
    throw new InvalidArgumentError('It must be START,FACTOR, such as 50,1.05.');
  }
  return { start: Number(start), factor: Number(factor) };
}

/** Replaces the escapes `\n`, `\t` and `\\` in a text; gathers the texts over all uses of a flag. */
export function parseEscaped(text: string, previous: readonly string[] = []): string[] {
  return [...previous, text.replace(/\\[nt\\]/g, (pair) => ESCAPES[pair]!)];
}

/** Splits a text at its commas, but for those after a backslash; gathers the parts over all uses of a flag. */
export function parseChoices(text: string, previous: readonly string[] = []): string[] {
  const parts = text.match(/(?:\\[\s\S]|[^,\\])+/g) ?? [];
  return [...previous, ...parts.map((part) => part.replace(/\\([,\\])/g, '$1'))];
}

/** Parses `none`, `all`, or a special token, gathered over all uses of a flag. */
export function parseAllowedSpecial(text: string, previous: unknown): 'none' | 'all' | string[] {
  if (text === 'none' || text === 'all') return text;
  return Array.isArray(previous) ? [...previous, text] : [text];
}
