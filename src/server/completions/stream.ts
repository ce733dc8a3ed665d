import type { Exchange } from '../exchange.js';
import { countOf } from '../inputs.js';
import { merged } from '../merged.js';
import { finishReasonOf, usageOf, type WireChoice } from './choice.js';
import { LogprobList } from './logprob_list.js';
import { openingOf } from './opening.js';
import type { CompletionTask } from './task.js';

/** The answer to a request for completions, piece by piece. With `withUsage`, the last one has the counts of tokens. */
export async function* streamedAnswer(
  task: CompletionTask,
  withUsage: boolean,
  exchange: Exchange,
): AsyncGenerator<object, void> {
  const { head, prompts, n, served } = task;
  const counts = { promptTokens: countOf(prompts), completionTokens: 0 };
  const count = (tokens: number) => {
    counts.completionTokens += tokens;
    exchange.note({ model: served.name, ...counts });
  };
  count(0);
  const pieces = prompts.map((ids, at) => piecesOf(task, ids, at * n, exchange, count));
  for await (const choice of merged(pieces)) {
    yield { ...head, choices: [choice], ...(withUsage && { usage: null }) };
  }
  if (withUsage) {
    yield { ...head, choices: [], usage: usageOf(counts.promptTokens, counts.completionTokens) };
  }
}

/** The pieces of the choices of one prompt, numbered from `first`: its opening, tokens, and reasons for the end. */
async function* piecesOf(
  task: CompletionTask,
  ids: readonly number[],
  first: number,
  { signal }: Exchange,
  count: (tokens: number) => void,
): AsyncGenerator<WireChoice, void> {
  const { served, options, n, echo, logprobs } = task;
  const opening = await openingOf(task, ids, signal);
  const lists = Array.from({ length: n }, () => new LogprobList(served.texts));
  const piece = (index: number, text: string, finish_reason: string | null = null): WireChoice => ({
    index: first + index,
    text,
    logprobs: logprobs === undefined ? null : lists[index]!.take(),
    finish_reason,
  });
  if (echo || opening.promptLogprobs) {
    for (const [index, list] of lists.entries()) {
      for (const token of opening.tokens) list.add(token);
      const { promptLogprobs } = opening;
      yield { ...piece(index, opening.text), ...(promptLogprobs && { prompt_logprobs: promptLogprobs }) };
    }
  }
  const all = lists.map((_, index) => index);
  if (options === undefined) {
    for (const index of all) yield piece(index, '', 'length');
    return;
  }
  // Equal completions are generated once.
  const isOne = options.n === 1;
  const stream = served.model.stream(ids, options);
  for await (const { id, index, text, logprob, top = [] } of stream) {
    const indexes = isOne ? all : [index];
    count(indexes.length);
    for (const each of indexes) {
      if (logprobs !== undefined) lists[each]!.add({ id, logprob: logprob!, top });
      if (text !== '' || logprobs !== undefined) yield piece(each, text);
    }
  }
  const { choices } = await stream.completion;
  for (const index of all) {
    const { finishReason } = choices[isOne ? 0 : index]!;
    yield piece(index, '', finishReasonOf(finishReason, signal));
  }
}
