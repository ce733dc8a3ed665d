import type { LoadedModel } from '../../generate/loaded_models.js';
import type { Work } from '../remote_models.js';

/** The calls of heads, which run where the model is. */
export const HEAD_OPERATIONS = {
  classify: () => import('./classify.js').then((m) => m.classifyHere),
  tag: () => import('./tag.js').then((m) => m.tagHere),
  answer: () => import('./answer.js').then((m) => m.answerHere),
  multipleChoice: () => import('./multiple_choice.js').then((m) => m.multipleChoiceHere),
  reward: () => import('./reward.js').then((m) => m.rewardHere),
};

type Here = (model: LoadedModel, args: never, work: Work) => Promise<unknown>;
export type HeadOperation = keyof typeof HEAD_OPERATIONS;
export type HeadArgs<K extends HeadOperation> = Parameters<
  Awaited<ReturnType<(typeof HEAD_OPERATIONS)[K]>>
>[1];

/** The operation of that name. */
export const headOperation = (name: HeadOperation): Promise<Here> => HEAD_OPERATIONS[name]();
