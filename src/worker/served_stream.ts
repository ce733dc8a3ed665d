import type { TokenStream } from '../generate/token_stream.js';

/** A stream that runs in the worker, and what aborts it. */
export interface ServedStream {
  readonly stream: TokenStream;
  readonly controller: AbortController;
}
