import { quotedList, show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { HeadClassifier } from './filter.js';

/** Makes the test whether the head of another model gives a sentence a label. */
export function headClassifier({
  model,
  label,
  threshold = 0.5,
}: HeadClassifier): (sentence: string) => Promise<boolean> {
  return async (sentence) => {
    const { scores } = await model.classify(sentence.trim());
    const found = scores.find((each) => each.label === label);
    if (found !== undefined) return found.score >= threshold;
    const labels = quotedList(scores.map((each) => each.label));
    throw new Gpt2Error(
      'invalid-option',
      `the filter's classifier has no label ${show(label)}; its labels are ${labels}`,
    );
  };
}
