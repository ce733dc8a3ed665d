import { changesLogits } from './processors/changes_logits.js';
import type { ResolvedOptions } from './resolved_options.js';

/** Whether common options ask for nothing that is loaded on demand. */
export const isPlain = (options: ResolvedOptions): boolean =>
  options.stop.length === 0 && options.typicalP === 1 && !changesLogits(options);
