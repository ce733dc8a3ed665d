import { Gpt2Error } from '../../base/errors.js';
import type { LoadedModel } from '../../generate/loaded_models.js';
import type { AnyPrompt } from '../../generate/prefixed_prompt.js';
import { pooledLogits } from './classify.js';
import { oneOrAll } from './one_or_all.js';
import { joinedTexts, type PlacedText, placedText } from './placed_text.js';
import { headOf } from './task_head.js';
import type { PromptAndAnswer, RewardOptions } from './types.js';

type Input = AnyPrompt | PromptAndAnswer;

/** Arguments of `reward`, which may cross to a worker. */
export interface RewardArgs extends Omit<RewardOptions, 'signal'> {
  readonly input: Input | readonly Input[];
}

const isAnswered = (input: Input): input is PromptAndAnswer =>
  typeof input === 'object' && (input as Partial<PromptAndAnswer>).answer !== undefined;

/** As `BaseModel.reward`, where the model is. */
export async function rewardHere(
  model: LoadedModel,
  { input, separator }: RewardArgs,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<number | number[]> {
  const { name, head } = headOf(model.core, 'v_head.summary', 'score');
  if (head.labels.length > 1) {
    const labels = `${head.labels.length} labels`;
    throw new Gpt2Error(
      'unsupported',
      `the model's head for sequence classification has ${labels}; one with a single label gives rewards`,
    );
  }
  // TRL's value head reads the last token, whatever it is.
  const last = name === 'score' ? head : { ...head, padTokenId: undefined };
  return oneOrAll(input, signal, async (text, stop) => {
    const placed = isAnswered(text) ? answered(model, text, separator) : placedText(model, text);
    return (await pooledLogits(model, last, placed, stop))[0]!;
  });
}

function answered(
  model: LoadedModel,
  { prompt, answer }: PromptAndAnswer,
  separator: string | undefined,
): PlacedText {
  if (separator === undefined && typeof prompt === 'string' && typeof answer === 'string') {
    return placedText(model, prompt + answer);
  }
  return joinedTexts(model, prompt, answer, separator);
}
