import { usageOf } from '../completions/choice.js';
import type { Exchange } from '../exchange.js';
import { callOf, chatReasonOf } from './choice.js';
import type { ChatTask } from './task.js';
import { type ChatLogprobs, chatLogprobs } from './token_logprobs.js';

/** The answers to a chat, piece by piece. With `withUsage`, the last one has the counts of tokens. */
export async function* streamedChat(
  task: ChatTask,
  withUsage: boolean,
  exchange: Exchange,
): AsyncGenerator<object, void> {
  const { served, prompt, n, options, logprobs, tool, head } = task;
  const { model, name, texts } = served;
  const { eosTokenIds } = model.config;
  const promptTokens = prompt.length;
  let completionTokens = 0;
  const note = () => exchange.note({ model: name, promptTokens, completionTokens });
  note();
  const chunk = chunksOf(task, withUsage);
  const all = Array.from({ length: n }, (_, index) => index);
  // Equal answers are generated once.
  const isOne = options.n === 1;
  const stream = model.stream(prompt, options);
  let hasBegun = false;
  for await (const { id, index, text, logprob, top = [] } of stream) {
    const indexes = isOne ? all : [index];
    completionTokens += indexes.length;
    note();
    // Not before the first token: errors until then have a status of their own.
    if (!hasBegun) for (const each of all) yield chunk(each, beginning(task, each));
    hasBegun = true;
    const list = logprobs ? chatLogprobs([{ id, logprob: logprob!, top }], texts, eosTokenIds) : null;
    if (text === '' && (list?.content.length ?? 0) === 0) continue;
    for (const each of indexes) yield chunk(each, piece(tool, text), list);
  }
  const { choices } = await stream.completion;
  for (const index of all) {
    const { finishReason } = choices[isOne ? 0 : index]!;
    const reason = chatReasonOf(finishReason, tool !== undefined, exchange.signal);
    yield chunk(index, {}, null, reason);
  }
  if (withUsage) yield { ...head, choices: [], usage: usageOf(promptTokens, completionTokens) };
}

/** Makes the events of one stream, with a choice each. */
const chunksOf =
  ({ head }: ChatTask, withUsage: boolean) =>
  (
    index: number,
    delta: object,
    logprobs: ChatLogprobs | null = null,
    finish_reason: string | null = null,
  ) => ({
    ...head,
    choices: [{ index, delta, logprobs, finish_reason }],
    ...(withUsage && { usage: null }),
  });

/** What comes before the first token of a choice, with the call that it may be. */
const beginning = ({ tool, head }: ChatTask, index: number): object => ({
  ...{ role: 'assistant', refusal: null },
  ...(tool === undefined
    ? { content: '' }
    : { content: null, tool_calls: [{ index: 0, ...callOf(tool, head, index) }] }),
});

/** More of the content, or of the arguments. */
const piece = (tool: string | undefined, text: string): object =>
  tool === undefined ? { content: text } : { tool_calls: [{ index: 0, function: { arguments: text } }] };
