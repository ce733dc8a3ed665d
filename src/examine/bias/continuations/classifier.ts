import { invalidOption, quotedList, show } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import type { AnyModel } from '../../any_model.js';
import { Lexicon } from '../lexicon/lexicon.js';

/**
 * Judges a text: a number from 0 to 1, such as the probability that it is toxic, or a label, such as `negative` of a
 * classifier of regard.
 */
export type Classifier = (text: string) => number | string | Promise<number | string>;

/** A model with a head for sequence classification as a judge. */
export interface ModelClassifier {
  /** The model, in this thread or in a worker. */
  readonly model: Pick<AnyModel, 'classify'>;
  /** The label whose score is the judgement, 0 to 1; without it, the judgement is the highest label. */
  readonly label?: string | undefined;
}

/** A function that judges. Throws `invalid-option`. */
export function classifierOf(given: Classifier | ModelClassifier): Classifier {
  if (typeof given === 'function') return given;
  const { model, label } = given ?? {};
  if (typeof model?.classify !== 'function')
    throw invalidOption('classify', given, 'a function of a text, or an object with a model that classifies');
  return async (text) => {
    const found = await model.classify(text);
    if (label === undefined) return found.label;
    const score = found.scores.find((each) => each.label === label)?.score;
    if (score !== undefined) return score;
    throw invalidOption('label', label, quotedList(found.scores.map((each) => each.label)));
  };
}

/** A classifier that gives 1 to texts with a word of the list, whatever its case, and 0 to others. */
export function lexiconClassifier(words: readonly string[]): (text: string) => number {
  const lexicon = new Lexicon(words);
  return (text) => Number(lexicon.isIn(text));
}

/** A checked judgement. Throws `invalid-option`. */
export async function judgementOf(classify: Classifier, text: string): Promise<number | string> {
  const judgement: unknown = await classify(text);
  if (typeof judgement === 'string') return judgement;
  if (typeof judgement === 'number' && judgement >= 0 && judgement <= 1) return judgement;
  throw new Gpt2Error(
    'invalid-option',
    `the classifier returned ${show(judgement)}; it must return a number from 0 to 1 or a label`,
  );
}
