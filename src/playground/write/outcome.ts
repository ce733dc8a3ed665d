import { counted } from '../../base/counted.js';
import type { Completion } from '../../generate/completion.js';
import { make } from '../page/dom.js';

/** Says how a generation ended. `onShift` continues after the context is full. */
export function outcomeOf(
  { finishReason, usage }: Completion,
  contextLength: number,
  onShift: () => void,
): (Node | string)[] {
  const count = counted(usage.completionTokens, 'token');
  switch (finishReason) {
    case 'aborted':
      return [`Stopped after ${count}.`];
    case 'eos':
      return [`The text ended after ${count}.`];
    case 'context':
      return fullContext(contextLength, onShift);
    default:
      return [`${count}.`];
  }
}

/** Says that the context is full, with a button that continues. */
export function fullContext(contextLength: number, onShift: () => void): (Node | string)[] {
  const kept = Math.floor(contextLength / 2);
  const shift = make('button', { type: 'button', class: 'quiet' }, `Continue from the last ${kept} tokens`);
  shift.addEventListener('click', onShift);
  return [`The text fills the context of ${contextLength} tokens. Delete some text, or: `, shift];
}
