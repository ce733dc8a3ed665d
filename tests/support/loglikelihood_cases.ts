import { readFileSync } from 'node:fs';

/** A continuation as EleutherAI's harness measures it. */
interface LoglikelihoodCase {
  readonly context: number[];
  readonly continuation: number[];
  readonly logprob: number;
  readonly token_logprobs: number[];
  readonly is_greedy: boolean;
}

const file = new URL('../fixtures/lm/loglikelihood.json', import.meta.url);

/** Continuations for the model in tests/fixtures/lm. */
export const { cases: loglikelihoodCases } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly cases: readonly LoglikelihoodCase[];
};
