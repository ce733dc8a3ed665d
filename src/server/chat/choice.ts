import type { FinishReason } from '../../generate/completion.js';
import { finishReasonOf } from '../completions/choice.js';

/** OpenAI's name of the reason why an answer ended, which may be the arguments of a call. */
export function chatReasonOf(reason: FinishReason, isCall: boolean, signal: AbortSignal): string {
  const name = finishReasonOf(reason, signal);
  return isCall && name === 'stop' ? 'tool_calls' : name;
}

/** A call without its arguments. */
export const callOf = (name: string) => ({
  ...{ id: `call_${crypto.randomUUID()}`, type: 'function', function: { name, arguments: '' } },
});
