import type { Token } from '../completion.js';
import { beamTokens } from './beams.js';
import { contrastiveTokens } from './contrastive.js';
import type { SearchTask } from './search_task.js';

/** The tokens that the search of the options finds. */
export function searchTokens(task: SearchTask): AsyncGenerator<Token, void> {
  return task.options.beams > 1 ? beamTokens(task) : contrastiveTokens(task);
}
