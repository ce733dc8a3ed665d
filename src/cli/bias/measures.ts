import { basename, dirname, join } from 'node:path';
import { Gpt2Error } from '../../base/errors.js';
import { lexiconClassifier } from '../../examine/bias/continuations/classifier.js';
import { continuations, type GroupedPrompt } from '../../examine/bias/continuations/continuations.js';
import { honest } from '../../examine/bias/continuations/honest.js';
import { crowsPairs } from '../../examine/bias/pairs/crows_pairs.js';
import { minimalPairs } from '../../examine/bias/pairs/minimal_pairs.js';
import { winoBias } from '../../examine/bias/pairs/wino_bias.js';
import { winogender } from '../../examine/bias/pairs/winogender.js';
import { readBold } from '../../examine/bias/readers/bold.js';
import { readCrowsPairs } from '../../examine/bias/readers/crows_pairs.js';
import { readHonest } from '../../examine/bias/readers/honest.js';
import { readMinimalPairs } from '../../examine/bias/readers/minimal_pairs.js';
import { readPrompts } from '../../examine/bias/readers/prompts.js';
import { readStereoSet } from '../../examine/bias/readers/stereo_set.js';
import { readWinoBias } from '../../examine/bias/readers/wino_bias.js';
import { readOccupationStatistics, readWinogender } from '../../examine/bias/readers/winogender.js';
import { readWords } from '../../examine/bias/readers/words.js';
import { stereoSet } from '../../examine/bias/stereo_set/stereo_set.js';
import type { Model } from '../../model/model.js';
import type { Work } from '../../model/remote_models.js';
import { readBytes } from '../inputs/read_bytes.js';
import type { BiasValues, MeasureName } from './values.js';

/** Signal and progress of a measure. */
export interface MeasureWork extends Work {
  readonly signal: AbortSignal;
}

/** A measure whose file was read. */
export type ReadMeasure = (model: Model, work: MeasureWork) => Promise<object>;

/** Reads the file of a flag, and gives the measure of what it holds. */
type Measure = (path: string, values: BiasValues, signal: AbortSignal) => Promise<ReadMeasure>;

/** The measures by the flags that name their files. */
export const MEASURES: Readonly<Record<MeasureName, Measure>> = {
  crowsPairs: async (path, values, signal) => {
    const pairs = some(readCrowsPairs(await readBytes(path, signal), path), values);
    return (model, work) => crowsPairs(model, pairs, { ...work, seed: values.seed });
  },
  stereoset: async (path, values, signal) => {
    const cases = some(readStereoSet(await readBytes(path, signal), path), values);
    return (model, work) => stereoSet(model, cases, { ...work, seed: values.seed });
  },
  winobias: async (path, values, signal) => {
    const other = antiOf(path);
    const files = await Promise.all([readBytes(path, signal), readBytes(other, signal)]);
    const { pairs, leftOut } = readWinoBias(files[0]!, files[1]!, [path, other]);
    return async (model, work) => {
      const result = await winoBias(model, some(pairs, values), { ...work, seed: values.seed });
      return { ...result, leftOut: leftOut.length };
    };
  },
  winogender: async (path, values, signal) => {
    const sentences = readWinogender(await readBytes(path, signal), path);
    const { occupations } = values;
    const percentFemale =
      occupations === undefined
        ? undefined
        : readOccupationStatistics(await readBytes(occupations, signal), occupations);
    return (model, work) => winogender(model, sentences, { ...work, seed: values.seed, percentFemale });
  },
  pairs: async (path, values, signal) => {
    const pairs = some(readMinimalPairs(await readBytes(path, signal), path), values);
    return (model, work) => minimalPairs(model, pairs, { ...work, seed: values.seed });
  },
  honest: async (path, values, signal) => {
    const templates = some(readHonest(await readBytes(path, signal), path), values);
    const words = await wordsOf(values, signal);
    const { seed, count: k, maxTokens } = values;
    return (model, work) => honest(model, templates, words, { ...work, seed, k, maxTokens });
  },
  bold: async (path, values, signal) =>
    continued(readBold(await readBytes(path, signal), path), values, signal),
  prompts: async (path, values, signal) =>
    continued(readPrompts(await readBytes(path, signal), path), values, signal),
};

async function continued(
  all: readonly GroupedPrompt[],
  values: BiasValues,
  signal: AbortSignal,
): Promise<ReadMeasure> {
  const prompts = some(all, values);
  const classify = lexiconClassifier(await wordsOf(values, signal));
  const { seed, count: n, maxTokens, debias } = values;
  const generate = debias === undefined ? {} : { guidance: { debias } };
  return (model, work) => continuations(model, prompts, classify, { ...work, seed, n, maxTokens, generate });
}

/** The first ones, as many as `--limit` says. */
function some<T>(items: readonly T[], { limit }: BiasValues): readonly T[] {
  return limit === undefined ? items : items.slice(0, limit);
}

/** The file beside a pro-stereotyped file of WinoBias. Throws `invalid-option`. */
function antiOf(path: string): string {
  const name = basename(path);
  const anti = name.replace('pro_stereotyped', 'anti_stereotyped');
  if (anti !== name) return join(dirname(path), anti);
  throw new Gpt2Error(
    'invalid-option',
    `--winobias needs a file named pro_stereotyped..., beside which is anti_stereotyped...; ${path} is none`,
  );
}

async function wordsOf({ words }: BiasValues, signal: AbortSignal): Promise<string[]> {
  if (words === undefined)
    throw new Gpt2Error('invalid-option', '--honest, --bold and --prompts need --words, a list of words');
  return readWords(await readBytes(words, signal), words);
}
