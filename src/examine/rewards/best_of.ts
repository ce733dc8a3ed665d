import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Choice, Usage } from '../../generate/completion.js';
import type { GenerateOptions } from '../../generate/options.js';
import type { Prompt } from '../../generate/prompt.js';
import type { PromptAndAnswer, RewardOptions } from '../../model/heads/types.js';
import type { AnyModel } from '../any_model.js';
import { checkModel } from '../run_operation.js';

/** Gives rewards: a reward model, in this thread or in a worker, or an object of your own. */
export interface RewardModel {
  /** The reward of each answer. */
  reward(texts: readonly PromptAndAnswer[], options?: RewardOptions): Promise<readonly number[]>;
}

/** How completions are written and chosen: options of `generate`, and what rewards them. */
export interface BestOfOptions extends GenerateOptions, RewardOptions {
  /** The model that rewards each completion after the prompt. It shares nothing with the one that writes. */
  readonly rewardModel: RewardModel;
  /** Completions to choose from: as in `generate`, but 4 by default. */
  readonly n?: number | undefined;
  /** As in `generate`. */
  readonly signal?: AbortSignal | undefined;
}

/** A completion with its reward. */
export interface RewardedChoice extends Choice {
  /** The number that the reward model gave. */
  readonly reward: number;
}

/** The completions of a prompt, by their rewards. */
export interface BestOf {
  /** The best one's text. */
  readonly text: string;
  /** Its reward. */
  readonly reward: number;
  /** All, highest reward first; of equal ones that with the lower index. */
  readonly choices: readonly RewardedChoice[];
  /** Token counts of the generation. */
  readonly usage: Usage;
}

const CHOICES = 4;

/**
 * Continues a prompt `n` times and gives the completions with the rewards of another model, best first (best-of-n
 * sampling: Stiennon et al. 2020, "Learning to summarize from human feedback"). The prompt is evaluated once, and its
 * completions are written together. Throws as `generate`, and as `reward` of the other model.
 */
export async function bestOf(model: AnyModel, prompt: Prompt, options: BestOfOptions): Promise<BestOf> {
  checkModel(model);
  if (typeof options !== 'object' || options === null) throw invalidOption('options', options, 'an object');
  const { rewardModel, separator, ...generate } = options;
  if (typeof rewardModel?.reward !== 'function')
    throw invalidOption('rewardModel', rewardModel, 'a model with a head that gives rewards');
  const { choices, usage } = await model.generate(prompt, { n: CHOICES, ...generate });
  const asked = typeof prompt === 'string' ? prompt : await model.tokenizer.decode(prompt);
  const texts = choices.map(({ text }) => ({ prompt: asked, answer: text }));
  const rewards = await rewardModel.reward(texts, {
    ...(separator !== undefined && { separator }),
    ...(generate.signal && { signal: generate.signal }),
  });
  const ranked = choices.map((choice, i): RewardedChoice => ({ ...choice, reward: checked(rewards?.[i]) }));
  ranked.sort((a, b) => b.reward - a.reward || a.index - b.index);
  const [{ text, reward }] = ranked as [RewardedChoice];
  return { text, reward, choices: ranked, usage };
}

function checked(reward: unknown): number {
  if (Number.isFinite(reward)) return reward as number;
  throw new Gpt2Error('invalid-option', 'rewardModel gave a reward that is no finite number');
}
