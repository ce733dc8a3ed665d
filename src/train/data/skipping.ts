import { Gpt2Error } from '../../base/errors.js';

/** A text in a file that was not read. */
export interface SkippedText {
  /** Name of the file. */
  readonly file: string;
  /** The line that it begins in, from 1. */
  readonly line: number;
  /** Why, as the end of a sentence: "is empty", "is not valid JSON: ...". */
  readonly reason: string;
}

/** Handling of texts that cannot be read. */
export interface Skipping {
  /** Skips lines that are not valid JSON, or not what a line must be, and lines that are not UTF-8. By default they end reading. */
  readonly skipInvalid?: boolean | undefined;
  /** Called for each text that is not read: empty documents and, with `skipInvalid`, invalid lines. */
  readonly onSkip?: ((skipped: SkippedText) => void) | undefined;
}

/** Reports an invalid line, if such lines are to be skipped. Throws `invalid-file` otherwise. */
export function refuseLine(
  { skipInvalid, onSkip }: Skipping,
  { file, line, reason }: SkippedText,
  cause?: unknown,
): void {
  if (!skipInvalid) throw new Gpt2Error('invalid-file', `${file} line ${line} ${reason}`, { cause });
  onSkip?.({ file, line, reason });
}
