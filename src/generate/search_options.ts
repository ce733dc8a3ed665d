import { show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { GENERATE_DEFAULTS, type GenerateOptions } from './options.js';

/** The options of beam search and contrastive search, with all defaults filled in. */
export interface SearchOptions {
  readonly beams: number;
  readonly returned: number;
  readonly lengthPenalty: number;
  readonly earlyStopping: boolean | 'never';
  readonly beamGroups: number;
  readonly diversityPenalty: number;
  readonly penaltyAlpha: number;
}

/** Those that decide together with others whether a search is possible. */
type Checked = SearchOptions &
  Readonly<Record<(typeof SAMPLING)[number], unknown>> & {
    readonly topK: number;
    readonly contextFull: string;
  };

const SAMPLING = [
  'temperature',
  'topK',
  'topP',
  'minP',
  'typicalP',
  'seed',
  'n',
  'speculate',
  'draft',
] as const;
const BEAMS = ['returned', 'lengthPenalty', 'earlyStopping', 'beamGroups', 'diversityPenalty'] as const;

/** Most candidates of a contrastive search, which are evaluated together. */
const MOST_CANDIDATES = 128;

/** Whether texts are searched, so that no random number is drawn. */
export const isSearch = ({ beams, penaltyAlpha }: Pick<SearchOptions, 'beams' | 'penaltyAlpha'>): boolean =>
  beams > 1 || penaltyAlpha > 0;

/**
 * Checks the options of a search against each other and those of sampling. `given`: the options as the caller
 * gave them. Throws `invalid-option`.
 */
export function checkSearch(given: GenerateOptions, resolved: Checked): void {
  const { beams, returned, beamGroups, diversityPenalty, penaltyAlpha, topK, contextFull } = resolved;
  const refuse = (name: keyof Checked, other: keyof Checked, advice: string) => {
    const of = (option: keyof Checked) => `${option} is ${show(resolved[option])}`;
    throw new Gpt2Error('invalid-option', `${of(name)}, but ${of(other)}: ${advice}`);
  };

  if (beams === 1) {
    for (const name of BEAMS) {
      if (resolved[name] !== GENERATE_DEFAULTS[name]) refuse(name, 'beams', 'set beams to 2 or more');
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
