import type { ResolvedOptions } from '../resolved_options.js';

/** Whether common options need processors. */
export function changesLogits(options: ResolvedOptions): boolean {
  const { frequencyPenalty, presencePenalty, repetitionPenalty, noRepeatNgram } = options;
  return [frequencyPenalty, presencePenalty, repetitionPenalty - 1, noRepeatNgram].some((each) => each !== 0);
}
