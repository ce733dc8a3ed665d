import { onAbort } from '../../../base/cancellation.js';
import { throwIfAborted } from '../../../base/errors.js';
import { inOrder } from '../../../base/in_order.js';
import type { GenerateOptions } from '../../../generate/options.js';
import type { Work } from '../../../model/remote_models.js';
import type { AnyModel } from '../../any_model.js';

/** Texts under way, of all prompts together. */
const UNDER_WAY = 32;

/** A prompt as it is continued. */
export interface PromptToComplete {
  readonly prompt: string;
  readonly options: GenerateOptions;
  /** How many texts are written at the same time. */
  readonly texts: number;
}

/**
 * The completions of each prompt, in their order; several prompts are continued at the same time. Throws what `generate`
 * throws, and `aborted`; both end the others.
 */
export async function* completionsOf(
  model: AnyModel,
  prompts: readonly PromptToComplete[],
  { signal, onProgress }: Work,
): AsyncGenerator<string[], void> {
  const left = new AbortController();
  const removeListener = onAbort(signal, () => left.abort());
  const total = prompts.length;
  const work = {
    size: ({ texts }: PromptToComplete) => texts,
    most: UNDER_WAY,
    signal,
    run: async ({ prompt, options }: PromptToComplete) => {
      throwIfAborted(signal, 'writing completions');
      const { choices } = await model.generate(prompt, { ...options, signal: left.signal });
      throwIfAborted(signal, 'writing completions');
      return choices.map(({ text }) => text);
    },
  };
  let done = 0;
  try {
    for await (const texts of inOrder(prompts, work)) {
      yield texts;
      onProgress?.({ done: ++done, total });
    }
  } finally {
    removeListener();
    left.abort();
  }
}
