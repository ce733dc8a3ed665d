import { invalidOption } from '../../base/check_options.js';
import { type Check, completions, number } from '../option_checks.js';
import { type GenerateOptions, RARE_DEFAULTS } from '../options.js';
import { isSearch, type ResolvedOptions } from '../resolved_options.js';
import { conflict } from './conflict.js';
import { SAMPLING_CHECKS } from './sampling.js';

const earlyStopping: Check<boolean | 'never'> = (name, value) => {
  if (typeof value === 'boolean' || value === 'never') return value;
  throw invalidOption(name, value, 'true, false or "never"');
};

/** Options of beam search and contrastive search. */
export const SEARCH_CHECKS = {
  beams: completions,
  returned: completions,
  lengthPenalty: number(-10, 10),
  earlyStopping,
  beamGroups: completions,
  diversityPenalty: number(0, 100),
  penaltyAlpha: number(0, 1),
};

const SAMPLING = [
  'temperature',
  'topK',
  'topP',
  'minP',
  'typicalP',
  ...(Object.keys(SAMPLING_CHECKS) as (keyof typeof SAMPLING_CHECKS)[]),
  'seed',
  'n',
  'speculate',
  'draft',
] as const;
const BEAMS = ['returned', 'lengthPenalty', 'earlyStopping', 'beamGroups', 'diversityPenalty'] as const;

/** Most candidates of a contrastive search, which are evaluated together. */
const MOST_CANDIDATES = 128;

/**
 * Checks the options of a search against each other and those of sampling. `given`: the options as the caller
 * gave them. Throws `invalid-option`.
 */
export function checkSearch(resolved: ResolvedOptions, given: GenerateOptions): void {
  const { beams, returned, beamGroups, diversityPenalty, penaltyAlpha, topK, contextFull } = resolved;
  const refuse = (name: keyof ResolvedOptions, other: keyof ResolvedOptions, advice: string) => {
    throw conflict(resolved, name, other, advice);
  };

  if (beams === 1) {
    for (const name of BEAMS) {
      if (resolved[name] !== RARE_DEFAULTS[name]) refuse(name, 'beams', 'set beams to 2 or more');
    }
  }
  if (!isSearch(resolved)) return;
  const search = beams > 1 ? 'beams' : 'penaltyAlpha';
  if (beams > 1 && penaltyAlpha > 0) refuse('penaltyAlpha', 'beams', 'a text is found by one search alone');
  for (const name of SAMPLING) {
    if (given[name] === undefined || (search === 'penaltyAlpha' && name === 'topK')) continue;
    const instead = name === 'n' && beams > 1 ? 'set returned instead' : `leave ${name} out`;
    refuse(name, search, `a search does not sample; ${instead}`);
  }
  if (contextFull === 'shift') refuse('contextFull', search, 'a search cannot shift; use "stop" or "error"');
  if (returned > beams) refuse('returned', 'beams', 'a search finds at most as many texts as it has beams');
  if (beams % beamGroups !== 0) refuse('beamGroups', 'beams', 'all groups need the same number of beams');
  if (beamGroups > 1 !== diversityPenalty > 0) {
    refuse('diversityPenalty', 'beamGroups', 'groups need a penalty above 0, and a penalty needs groups');
  }
  if (penaltyAlpha > 0 && !(topK >= 2 && topK <= MOST_CANDIDATES)) {
    refuse('topK', 'penaltyAlpha', `it chooses among topK tokens; set topK from 2 to ${MOST_CANDIDATES}`);
  }
}
