/** Data that a runner begins with. */
export interface RunnerData {
  /** Name of the target. */
  readonly name: string;
  readonly seed: number;
  /** Number of the first input, and how many follow. */
  readonly first: number;
  readonly inputs: number;
  /** The input that is read now: its number, its length, and from FIRST_BYTE its bytes. */
  readonly shared: SharedArrayBuffer;
}

/** Indices of 32-bit numbers in the shared memory. */
export const NUMBER = 0;
export const LENGTH = 1;
export const FIRST_BYTE = 64;
export const MOST_SHARED = 2 ** 18;

/** Messages of a runner. */
export type Progress =
  | {
      readonly kind: 'progress' | 'done';
      readonly number: number;
      readonly pool: number;
      readonly blocks: number;
    }
  | { readonly kind: 'failure'; readonly input: Uint8Array; readonly why: string };
