import { usageOf } from '../completions/choice.js';
import type { Exchange } from '../exchange.js';
import { callOf, chatReasonOf } from './choice.js';
import type { ChatTask } from './task.js';
import { chatLogprobs } from './token_logprobs.js';

/** The answers to a chat, as one object. */
export async function wholeChat(task: ChatTask, exchange: Exchange): Promise<object> {
  const { served, prompt, n, options, logprobs, tool, head } = task;
  const { model, name, texts } = served;
  const { choices, usage } = await model.generate(prompt, options);
  const completionTokens = usage.completionTokens * (n / choices.length);
  exchange.note({ model: name, promptTokens: prompt.length, completionTokens });
  return {
    ...head,
    choices: Array.from({ length: n }, (_, index) => {
      const { text, finishReason, logprobs: tokens = [] } = choices[index] ?? choices[0]!;
      return {
        index,
        message: {
          role: 'assistant',
          refusal: null,
          ...(tool === undefined ? { content: text } : callWith(callOf(tool, head, index), text)),
        },
        logprobs: logprobs ? chatLogprobs(tokens, texts, model.config.eosTokenIds) : null,
        finish_reason: chatReasonOf(finishReason, tool !== undefined, exchange.signal),
      };
    }),
    usage: usageOf(prompt.length, completionTokens),
  };
}

function callWith(call: ReturnType<typeof callOf>, text: string): object {
  return { content: null, tool_calls: [{ ...call, function: { ...call.function, arguments: text } }] };
}
