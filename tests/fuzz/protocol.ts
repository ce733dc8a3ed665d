/** Data that a runner begins with. */
export interface RunnerData {
  /** Name of the target. */
  readonly name: string;
  readonly seed: number;
  /** Number of the first input, and how many follow. */
  readonly first: number;
  readonly inputs: number;
  /** Inputs from which others are made, beside the target's own. */
  readonly kept: readonly Uint8Array[];
  /** The input that is read now: 32-bit numbers and, from FIRST_BYTE, its bytes. */
  readonly shared: SharedArrayBuffer;
}

/** Index of the input's number in the shared memory. */
export const NUMBER = 0;
export const LENGTH = 1;
/** How many inputs were begun, those that are read once more included. */
export const BEGUN = 2;
export const FIRST_BYTE = 64;

/** Messages of a runner. */
export type Progress =
  | {
      readonly kind: 'progress' | 'done';
      /** Number of the next input. */
      readonly number: number;
      readonly blocks: number;
      /** Most memory that an input took. */
      readonly mostBytes: number;
    }
  /** An input that ran new code. */
  | { readonly kind: 'kept'; readonly input: Uint8Array }
  | { readonly kind: 'failure'; readonly input: Uint8Array; readonly why: string };
