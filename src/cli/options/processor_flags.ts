import { RARE_DEFAULTS } from '../../generate/options.js';
import type { Flag } from './flag.js';
import { parseDecay, parseEscaped, parseIds } from './parse.js';

/** Penalties that few need, and tokens at the beginning and the end. */
const PENALTIES: Omit<Flag, 'help'> = { group: 'More penalties, and forced tokens:', value: 'number' };

export const PROCESSOR_FLAGS = {
  dryMultiplier: {
    ...PENALTIES,
    help: '"don\'t repeat yourself": strength of a penalty that grows with the length of a repetition; 0: off',
    range: '0 to 100',
    standard: RARE_DEFAULTS.dryMultiplier,
  },
  dryBase: {
    ...PENALTIES,
    help: 'by which the penalty grows with each token',
    range: '1 to 100',
    standard: RARE_DEFAULTS.dryBase,
  },
  dryAllowedLength: {
    ...PENALTIES,
    value: 'count',
    help: 'repetitions of fewer tokens are not penalised',
    range: '0 or more',
    standard: RARE_DEFAULTS.dryAllowedLength,
  },
  dryPenaltyLastN: {
    ...PENALTIES,
    value: 'count',
    help: 'number of last tokens that are searched for repetitions; -1: all',
    range: '-1 or more',
    standard: RARE_DEFAULTS.dryPenaltyLastN,
  },
  drySequenceBreakers: {
    ...PENALTIES,
    value: 'text',
    parse: parseEscaped,
    help: 'a repetition begins after this text; \\n, \\t and \\\\ are escapes',
    isRepeatable: true,
    standard: '\\n : " *',
  },
  encoderRepetitionPenalty: {
    ...PENALTIES,
    help: 'above 1 makes tokens of the prompt likelier, below 1 less likely',
    range: '0.01 to 100',
    standard: RARE_DEFAULTS.encoderRepetitionPenalty,
  },
  encoderNoRepeatNgram: {
    ...PENALTIES,
    value: 'count',
    help: 'never repeat COUNT tokens of the prompt; 0: off',
    range: '0 or more',
    standard: RARE_DEFAULTS.encoderNoRepeatNgram,
  },
  exponentialDecay: {
    ...PENALTIES,
    value: 'start,factor',
    parse: parseDecay,
    help: 'after START tokens the end of the text becomes likelier by FACTOR with each token, such as 50,1.05',
    standard: 'none',
  },
  beginBannedTokens: {
    ...PENALTIES,
    value: 'ids',
    parse: parseIds,
    help: 'do not begin with these token ids',
    isRepeatable: true,
  },
  forcedBos: {
    ...PENALTIES,
    value: 'id',
    help: 'first token after a prompt of one token, or none',
    standard: 'none',
  },
  forcedEos: {
    ...PENALTIES,
    value: 'ids',
    parse: parseIds,
    help: 'last token that --max-tokens allows, one of these ids',
    isRepeatable: true,
  },
  renormalize: {
    group: PENALTIES.group!,
    help: 'with --beams: penalties and bans keep the sum of probabilities at 1',
  },
} as const satisfies Readonly<Record<string, Flag>>;
