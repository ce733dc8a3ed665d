/** Code that reads input from outside. */
export interface Target {
  readonly name: string;
  /** How inputs are made of others: by bytes, by the characters of a text, or by the values of a JSON text. */
  readonly kind: 'bytes' | 'text' | 'json';
  /** Valid inputs, from which others are made. */
  seeds(): readonly Uint8Array[];
  /** Pieces that occur in inputs. */
  readonly words?: readonly string[];
  /** Reads an input; it may throw `Gpt2Error`, and any other error is a failure. */
  read(input: Uint8Array): unknown;
  /** Bytes of buffers that an input of `length` bytes may take at once. Default 32 MiB and 32 for each byte. */
  mostBytes?(length: number): number;
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The text of an input, of which wrong UTF-8 becomes U+FFFD. */
export const textOf = (input: Uint8Array): string => new TextDecoder().decode(input);
