import type { Choice, Completion } from '../../generate/completion.js';
import type { Exchange } from '../exchange.js';
import { countOf } from '../inputs.js';
import { finishReasonOf, usageOf, type WireChoice } from './choice.js';
import { LogprobList } from './logprob_list.js';
import { openingOf } from './opening.js';
import type { CompletionTask } from './task.js';

/** The answer to a request for completions, as one object. */
export async function wholeAnswer(task: CompletionTask, exchange: Exchange): Promise<object> {
  const answers = await Promise.all(
    task.prompts.map((ids, at) => answerOf(task, ids, at * task.n, exchange)),
  );
  const promptTokens = countOf(task.prompts);
  const completionTokens = answers.reduce((sum, { completionTokens }) => sum + completionTokens, 0);
  exchange.note({ model: task.served.name, promptTokens, completionTokens });
  return {
    ...task.head,
    choices: answers.flatMap(({ choices }) => choices),
    usage: usageOf(promptTokens, completionTokens),
  };
}

/** The choices of one prompt, numbered from `first`. */
async function answerOf(
  task: CompletionTask,
  ids: readonly number[],
  first: number,
  { signal }: Exchange,
): Promise<{ readonly choices: WireChoice[]; readonly completionTokens: number }> {
  const { served, options, n, bestOf, logprobs } = task;
  const opening = await openingOf(task, ids, signal);
  const completion = options && (await served.model.generate(ids, options));
  const chosen = completion === undefined ? [] : likeliest(completion, n);
  const choices = Array.from({ length: n }, (_, i): WireChoice => {
    // Equal completions are generated once.
    const choice: Choice | undefined = chosen[i] ?? chosen[0];
    const list = new LogprobList(served.texts);
    if (logprobs !== undefined) {
      for (const token of [...opening.tokens, ...(choice?.logprobs ?? [])]) list.add(token);
    }
    return {
      index: first + i,
      text: opening.text + (choice?.text ?? ''),
      logprobs: logprobs === undefined ? null : list.take(),
      finish_reason: choice === undefined ? 'length' : finishReasonOf(choice.finishReason, signal),
      ...(opening.promptLogprobs && { prompt_logprobs: opening.promptLogprobs }),
    };
  });
  const generated = completion?.usage.completionTokens ?? 0;
  const copies = completion?.choices.length === 1 ? bestOf : 1;
  return { choices, completionTokens: generated * copies };
}

/** The `n` choices with the highest log-probability for each token, best first; all of them as they are if there are `n`. */
function likeliest({ choices }: Completion, n: number): readonly Choice[] {
  if (choices.length <= n) return choices;
  const mean = ({ logprobs = [] }: Choice) =>
    logprobs.reduce((sum, { logprob }) => sum + logprob, 0) / logprobs.length;
  return choices
    .slice()
    .sort((a, b) => mean(b) - mean(a) || a.index - b.index)
    .slice(0, n);
}
