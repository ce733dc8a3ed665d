import type { FinishReason } from '../../generate/completion.js';
import type { AnswerHead } from '../answer_head.js';
import { finishReasonOf } from '../completions/choice.js';

/** OpenAI's name of the reason why an answer ended, which may be the arguments of a call. */
export function chatReasonOf(reason: FinishReason, isCall: boolean, signal: AbortSignal): string {
  const name = finishReasonOf(reason, signal);
  return isCall && name === 'stop' ? 'tool_calls' : name;
}

/** The call that is a choice, without its arguments. Its id is the answer's and the choice's index. */
export const callOf = (name: string, { id }: AnswerHead, index: number) => ({
  id: `call_${id.slice(id.indexOf('-') + 1)}_${index}`,
  type: 'function',
  function: { name, arguments: '' },
});
