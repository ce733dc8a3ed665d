import type { RandomSource } from './mutations/random.js';

/** Code that reads input from outside. */
export interface Target {
  readonly name: string;
  /** How inputs are made of others: by bytes, by the characters of a text, or by the values of a JSON text. */
  readonly kind: 'bytes' | 'text' | 'json';
  /** Valid inputs, from which others are made. */
  seeds(): readonly Uint8Array[];
  /** Pieces that occur in inputs. */
  readonly words?: readonly string[];
  /** An input that keeps most rules of its language. */
  fresh?(random: RandomSource): Uint8Array;
  /** An input with one change; default: by `kind`. */
  change?(input: Uint8Array, other: Uint8Array, random: RandomSource): Uint8Array;
  /** Reads an input; it may throw `Gpt2Error`, and any other error is a failure. */
  read(input: Uint8Array): unknown;
  /** Bytes of memory that an input of `length` bytes may take at once. Default 32 MiB and 32 for each byte. */
  mostBytes?(length: number): number;
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The text of an input, of which wrong UTF-8 becomes U+FFFD. */
export const textOf = (input: Uint8Array): string => new TextDecoder().decode(input);

/** The value of a JSON text, or the text itself if it is none. */
export function jsonOf(input: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(input));
  } catch {
    return textOf(input);
  }
}

/** Throws if a number within a result is NaN or infinite. */
export function mustBeFinite(numbers: Iterable<number>, name: string): void {
  for (const number of numbers) if (!Number.isFinite(number)) throw new Error(`${name}: ${number}`);
}
