import type { ResolvedBannedTexts } from '../banned_texts/banned_texts.js';
import type { FilterAction, FilterFunction, FilterRule, PersonalDataKind } from './filter.js';

/** A rule with all defaults filled in. */
export interface ResolvedRule {
  readonly words: 'english' | ResolvedBannedTexts | undefined;
  readonly personalData: readonly PersonalDataKind[];
  readonly classifier: FilterRule['classifier'];
  readonly action: FilterAction;
  readonly replacement: string;
  readonly retries: number;
}

/** Checked rules, at least one. */
export type ResolvedFilter = readonly (ResolvedRule | FilterFunction)[];

/** The values of what a rule leaves out; those of functions too. */
export const RULE_DEFAULTS = { action: 'replace', replacement: '***', retries: 3 } as const;
