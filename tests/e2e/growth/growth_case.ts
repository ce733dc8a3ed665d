/** A call whose work must grow at most as its input, times a logarithm. */
export interface GrowthCase {
  /** The function, and the part of its input that grows. */
  readonly title: string;
  /** The smallest of three sizes, each twice the one before. */
  readonly size: number;
  /** Why the work may grow as the square of the size. */
  readonly quadratic?: string | undefined;
  /** Makes an input of this size, and returns the call that reads it. */
  prepare(size: number): Call | Promise<Call>;
}

export type Call = () => unknown;

export const range = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => item(index));

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
