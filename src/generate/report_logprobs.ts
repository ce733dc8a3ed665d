import type { LogitsRow } from '../core/types.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { TokenLogprob, TopToken } from './completion.js';
import type { GuidedRow } from './guidance/guided_row.js';
import { banUndecodable } from './undecodable_ids.js';

/** Reports the log-probability of a token in the row that it was made from. */
export type LogprobReport = (id: number) => TokenLogprob;

/**
 * Makes a row of the model's own logits ready for processors: they become the guided ones, if there are helpers, and
 * ids that cannot be decoded are banned. With `logprobs`, the number of most likely tokens to list, returns the
 * report of the model's own distribution.
 */
export function banAndReport(
  row: GuidedRow,
  tokenizer: Tokenizer,
  logprobs: number | undefined,
): LogprobReport | undefined {
  const report = logprobs === undefined ? undefined : reportOf(row, tokenizer, logprobs);
  row.guide?.();
  banUndecodable(row.values, tokenizer);
  return report;
}

/** The report of a row's distribution; ids that cannot be decoded are banned then, and not listed. */
export function reportOf(row: LogitsRow, tokenizer: Tokenizer, logprobs: number): LogprobReport {
  const logits = row.values.slice();
  const logSumExp = row.logSumExp();
  banUndecodable(row.values, tokenizer);
  const entry = (id: number): TopToken => ({
    id,
    text: tokenizer.decode([id]),
    logprob: logits[id]! - logSumExp,
  });
  const count = Math.min(logprobs, logits.length);
  let top: TopToken[] = [];
  if (count > 0) {
    row.softmax(1);
    top = Array.from(row.topK(count))
      .filter((id) => row.values[id]! > Number.NEGATIVE_INFINITY)
      .map(entry);
  }
  return (id) => ({ ...entry(id), top });
}
