import { throwIfAborted } from '../../base/errors.js';
import { exp, ln } from '../../base/exact_math.js';
import { eachText } from '../../generate/each_text.js';
import type { Work } from '../../model/remote_models.js';
import type { AnyModel } from '../any_model.js';
import { checkModel } from '../run_operation.js';

/**
 * ln p of each choice after each prompt, less ln of their sum: row-major in prompts. Several prompts are evaluated
 * together. Progress counts prompts. Throws `context-full` for a prompt that does not fit; `aborted`.
 */
export async function choiceLikelihoods(
  model: AnyModel,
  prompts: readonly string[],
  choices: readonly string[],
  { signal, onProgress }: Work,
): Promise<number[][]> {
  checkModel(model);
  const found: number[][] = [];
  const choose = async (prompt: string) => (await model.choose(prompt, choices, { signal })).logprobs;
  for await (const logprobs of eachText(prompts, (prompt) => prompt, signal, choose)) {
    found.push(normalized(logprobs));
    onProgress?.({ done: found.length, total: prompts.length });
  }
  throwIfAborted(signal, 'classifying');
  return found;
}

/** Logarithms of weights, less the logarithm of the weights' sum. */
export function normalized(logs: readonly number[]): number[] {
  const sum = logSumExp(logs);
  return logs.map((log) => log - sum);
}

/** ln(sum(e ** x)). */
export function logSumExp(logs: readonly number[]): number {
  const most = logs.reduce((a, b) => Math.max(a, b));
  return most + ln(logs.reduce((sum, log) => sum + exp(log - most), 0));
}
