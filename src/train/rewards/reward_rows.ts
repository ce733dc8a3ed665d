import { Gpt2Error } from '../../base/errors.js';
import { type AnswerRow, type AnswerRules, type CutCounts, idsOf } from '../preferences/answer_rows.js';
import type { PreferencePair } from '../preferences/preference_data.js';

/** How texts become rows of rewards. */
export interface RewardRules extends Pick<AnswerRules, 'tokenizer' | 'vocabSize' | 'length'> {
  /** A text is judged at its last other token. */
  readonly padTokenId: number;
}

/** Follows the tokens of a text as the target of the last one: the head's only row. */
const REWARD = 0;

/** The rows of both answers of a pair. Throws `invalid-option`. */
export function rewardRows(
  { prompt, chosen, rejected }: PreferencePair,
  rules: RewardRules,
  cut: CutCounts,
): AnswerRow[] {
  const rows = Object.entries({ chosen, rejected }).map(([name, answer]) => {
    const isText = typeof prompt === 'string' && typeof answer === 'string';
    const ids = isText
      ? idsOf(name, prompt + answer, rules)
      : [...idsOf('prompt', prompt, rules), ...idsOf(name, answer, rules)];
    const end = ids.findLastIndex((id) => id !== rules.padTokenId) + 1;
    if (end === 0) throw new Gpt2Error('invalid-option', `the prompt with ${name} has no token`);
    return ids.slice(0, end);
  });
  if (rows.some((ids) => ids.length > rules.length)) cut.prompts++;
  return rows.map((ids) => {
    const kept = ids.slice(-rules.length);
    return { ids: [...kept, REWARD], from: kept.length };
  });
}
