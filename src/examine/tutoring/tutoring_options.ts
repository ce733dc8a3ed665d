import type { Progress } from '../progress.js';

/** What all functions for teachers take. */
export interface TutoringOptions {
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Called as the work advances. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}
