import type { LogitsRow } from '../core/types.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { TokenLogprob, TopToken } from './completion.js';
import { banUndecodable } from './undecodable_ids.js';

/** Reports the log-probability of a token in the row that it was made from. */
export type LogprobReport = (id: number) => TokenLogprob;

/**
 * Bans ids that cannot be decoded. With `logprobs`, the number of most likely tokens to list, reads the model's
 * own distribution before that, and returns its report.
 */
export function banAndReport(
  row: LogitsRow,
  tokenizer: Tokenizer,
  logprobs: number | undefined,
): LogprobReport | undefined {
  const logits = logprobs === undefined ? undefined : row.values.slice();
  const logSumExp = logits ? row.logSumExp() : 0;
  banUndecodable(row.values, tokenizer);
  if (!logits) return undefined;

  const entry = (id: number): TopToken => ({
    id,
    text: tokenizer.decode([id]),
    logprob: logits[id]! - logSumExp,
  });
  const count = Math.min(logprobs!, logits.length);
  let top: TopToken[] = [];
  if (count > 0) {
    row.softmax(1);
    top = Array.from(row.topK(count))
      .filter((id) => row.values[id]! > Number.NEGATIVE_INFINITY)
      .map(entry);
  }
  return (id) => ({ ...entry(id), top });
}
