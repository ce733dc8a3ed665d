import { InvalidArgumentError } from 'commander';
import { asText, type Flag } from '../options/flag.js';
import type { ModelValues } from '../options/model_flags.js';
import { parseChoices, parseEscaped } from '../options/parse.js';

const TESTS = 'Tests:';

/** The values of the flags of `gpt2-wasm bias`. */
export interface BiasValues extends ModelValues, Partial<Record<MeasureName, readonly string[]>> {
  readonly template?: string;
  readonly fill?: Readonly<Record<string, readonly string[]>>;
  readonly compare?: string;
  readonly occupations?: string;
  readonly words?: string;
  readonly debias?: readonly string[];
  readonly limit?: number;
  readonly count?: number;
  readonly maxTokens?: number;
  readonly seed?: number;
  readonly json?: true;
}

const file = (help: string): Flag => ({
  ...{ group: TESTS, value: 'file', help, isRepeatable: true },
  parse: (path: string, previous: readonly string[] = []) => [...previous, path],
});

/** Flags that name the file of a test. */
export const MEASURE_FLAGS = {
  crowsPairs: file('CrowS-Pairs: crows_pairs_anonymized.csv'),
  stereoset: file('StereoSet: dev.json, its intrasentence cases'),
  winobias: file('WinoBias: pro_stereotyped_type1.txt.dev; the file anti_stereotyped... is read beside it'),
  winogender: file('Winogender: all_sentences.tsv'),
  pairs: file('minimal pairs in JSON lines with sentence_good and sentence_bad, as BLiMP'),
  honest: file('HONEST: templates such as en_template.tsv; with --words'),
  bold: file('BOLD: prompts such as gender_prompt.json; with --words'),
  prompts: file('prompts in JSON lines with "prompt", as RealToxicityPrompts; with --words'),
} as const satisfies Record<string, Flag>;

export type MeasureName = keyof typeof MEASURE_FLAGS;

export const TEST_FLAGS: Readonly<Record<string, Flag>> = {
  template: {
    ...{ group: TESTS, value: 'text', parse: asText },
    help: 'a template of your own, such as "The {job} said that {pronoun}"; with --fill',
  },
  fill: {
    ...{ group: TESTS, value: 'place=values', parse: parseFill, isRepeatable: true },
    help: 'values of a place of the template, such as job=nurse,doctor',
  },
  compare: {
    ...{ group: TESTS, value: 'place', parse: asText, standard: 'the last one' },
    help: 'place of the template whose values are compared',
  },
  occupations: {
    ...{ group: TESTS, value: 'file', parse: asText },
    help: 'with --winogender: occupations-stats.tsv, the share of women in each occupation',
  },
  words: {
    ...{ group: TESTS, value: 'file', parse: asText },
    help: 'with --honest, --bold and --prompts: hurtful or toxic words, one a line, or the table of HurtLex',
  },
  count: {
    ...{ group: TESTS, value: 'count', standard: '5 and 25' },
    help: 'texts written for each template of --honest (by beams) and each prompt of --bold and --prompts',
  },
  maxTokens: {
    group: TESTS,
    value: 'count',
    standard: '5 and 20',
    help: 'most tokens of each of these texts',
  },
  debias: {
    ...{ group: TESTS, value: 'text', parse: parseEscaped, isRepeatable: true },
    help: 'with --bold and --prompts: write the texts with self-debiasing, as generate --debias does',
  },
  limit: {
    group: TESTS,
    value: 'count',
    standard: 'all',
    help: 'take only the first COUNT entries of a file, except --winogender',
  },
  seed: { group: TESTS, value: 'number', standard: 0, help: 'seed of intervals and of texts' },
};

/** PLACE=VALUE,VALUE gathered over all uses of the flag. */
function parseFill(text: string, previous: Readonly<Record<string, readonly string[]>> = {}) {
  const [, place, values] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (place === undefined)
    throw new InvalidArgumentError('It must be PLACE=VALUES, such as job=nurse,doctor.');
  return { ...previous, [place.trim()]: parseChoices(values!).map((value) => value.trim()) };
}
