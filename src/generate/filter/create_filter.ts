import type { Core } from '../../core/types.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';

import { assertText } from '../choice_builder.js';
import type { ResolvedOptions } from '../resolved_options.js';
import { createRules } from './create_rules.js';
import { FilterRun } from './filter_run.js';
import type { ResolvedFilter } from './resolved_filter.js';

/** Makes the filter of a generation. Throws `invalid-option` and `context-full`. */
export async function createFilter(
  filter: ResolvedFilter,
  options: ResolvedOptions,
  core: Core,
  tokenizer: Tokenizer,
): Promise<FilterRun> {
  assertText('filter', tokenizer);
  return new FilterRun(
    await createRules(filter, { core, tokenizer, signal: options.signal }),
    options,
    tokenizer,
  );
}
