import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { Check } from '../option_checks.js';
import { type GenerateOptions, RARE_DEFAULTS, type RareName } from '../options.js';
import { isSearch, type RareOptions, type ResolvedOptions } from '../resolved_options.js';
import { BANNED_TEXTS_CHECKS } from './banned_texts.js';
import { checkFilter, FILTER_CHECKS } from './filter.js';
import { FORMAT_CHECKS } from './format.js';
import { checkGuidance, GUIDANCE_CHECKS } from './guidance.js';
import { checkMinTokens, PROCESSOR_CHECKS } from './processors.js';
import { checkEdit, checkInputs, PROMPT_CHECKS } from './prompt.js';
import { checkSamplers, checkSwitches, SAMPLING_CHECKS } from './sampling.js';
import { checkSearch, SEARCH_CHECKS } from './search.js';
import { SPECULATION_CHECKS } from './speculation.js';
import { WATERMARK_CHECKS } from './watermark.js';

/** The checks of all rare options. */
const CHECKS: { readonly [K in RareName]: Check<RareOptions[K]> } = {
  ...FILTER_CHECKS,
  ...FORMAT_CHECKS,
  ...BANNED_TEXTS_CHECKS,
  ...PROCESSOR_CHECKS,
  ...PROMPT_CHECKS,
  ...SAMPLING_CHECKS,
  ...SEARCH_CHECKS,
  ...SPECULATION_CHECKS,
  ...GUIDANCE_CHECKS,
  ...WATERMARK_CHECKS,
};

/** Checks of options against each other. */
const RULES: readonly ((resolved: ResolvedOptions, given: GenerateOptions) => void)[] = [
  checkMinTokens,
  checkInputs,
  checkEdit,
  checkGuidance,
  checkFilter,
  checkSwitches,
  checkSearch,
  checkSamplers,
];

/**
 * Adds the checked rare options of `given` to `common`, which `resolveOptions` made of it. Throws
 * `invalid-option`, as that does.
 */
export function checkRareOptions(
  given: GenerateOptions,
  common: ResolvedOptions,
  config: ModelConfig,
): ResolvedOptions {
  const rare: Record<string, unknown> = { ...RARE_DEFAULTS };
  for (const [name, check] of Object.entries(CHECKS)) {
    const value = given[name as RareName];
    if (value !== undefined) rare[name] = check(name, value, config);
  }
  const resolved = { ...common, ...(rare as unknown as RareOptions) };
  for (const rule of RULES) rule(resolved, given);
  return isSearch(resolved) ? { ...resolved, seed: 0 } : resolved;
}
