import { Gpt2Error } from '../base/errors.js';
import { mebibytes } from './memory.js';
import type { AdapterHost } from './types.js';

/**
 * Memory of a loaded model beyond its plan, which leaves less to pages that are not there yet. Throws `out-of-memory`, with `what` as the name of its
 * content.
 */
export function reserveMemory(host: AdapterHost, bytes: number, what: string): number {
  try {
    return host.memory.reserve(bytes);
  } catch (cause) {
    const { pages, pageBytes } = host.stats;
    if (pages.used === 0) throw cause;
    const held = mebibytes(pages.used * pageBytes);
    throw new Gpt2Error(
      'out-of-memory',
      `there is no room for ${what} beside keys and values, which take ${held}; dispose of sessions, or load the ` +
        'model with a smaller maxMemory',
      { cause },
    );
  }
}
