import { Gpt2Error } from '../../base/errors.js';
import { loadedModels } from '../../generate/loaded_models.js';
import { type HeadName, headNamesOf } from '../../model/heads/task_head.js';
import type { Model } from '../../model/model.js';
import { taskRows } from './rows.js';

/** The tasks of heads, in the order in which a model's own task is chosen, with the heads that they need. */
const HEADS_OF = {
  classify: ['score'],
  tag: ['classifier'],
  answer: ['qa_outputs'],
  reward: ['v_head.summary', 'score'],
} as const satisfies Record<string, readonly HeadName[]>;

export type HeadTask = keyof typeof HEADS_OF;
export const HEAD_TASKS = Object.keys(HEADS_OF) as HeadTask[];

/** The task of a model's head. Throws `unsupported` if it has none that texts alone can be given to. */
export function taskOf(model: Model): HeadTask {
  const names = headNamesOf(loadedModels.get(model)!.core);
  const task = HEAD_TASKS.find((each) => HEADS_OF[each].some((name) => names.includes(name)));
  if (task !== undefined) return task;
  throw new Gpt2Error(
    'unsupported',
    'the model has no head that classifies, tags, answers or rewards texts; "gpt2-wasm task" classifies with examples in the prompt',
  );
}

/** How a text is judged. */
export interface TaskOptions {
  /** Labels or answers that are listed. */
  readonly top: number;
  readonly question: string | undefined;
  readonly signal: AbortSignal;
}

/** A judged text: its rows for people, and its fields for `--json`. */
export interface Judged {
  readonly rows: readonly string[];
  readonly json: object;
}

/** Gives a text to the head of a task. Throws as the model's call. */
export async function judge(
  model: Model,
  task: HeadTask,
  text: string,
  options: TaskOptions,
): Promise<Judged> {
  const { top, question, signal } = options;
  if (task === 'classify') {
    const { scores, logits } = await model.classify(text, { signal });
    const sorted = [...scores].sort((a, b) => b.score - a.score);
    return { rows: taskRows.classify(sorted.slice(0, top)), json: { labels: sorted, logits: [...logits] } };
  }
  if (task === 'tag') {
    const { tokens, spans } = await model.tag(text, { signal });
    return { rows: taskRows.tag(spans), json: { tokens, spans } };
  }
  if (task === 'answer') {
    const found = await model.answer(question!, text, { top, signal });
    const answers = found.map(({ startLogits: _, endLogits: __, ...answer }) => answer);
    return { rows: taskRows.answer(answers), json: { question, answers } };
  }
  const reward = await model.reward(text, { signal });
  return { rows: taskRows.reward(reward), json: { reward } };
}
