import { invalidOption, show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { listLength } from '../../base/id_list.js';
import { stateRows, type TrainingShape } from './shape.js';

/**
 * Throws `invalid-option` unless `starts` gives for each position of a batch that at which its document begins, and if
 * sequences of the model have other inputs, which documents cannot share.
 */
export function checkStarts(starts: unknown, batch: number, length: number, planned: TrainingShape): void {
  const right = 'an array with the position at which the document of each token begins';
  const count = listLength(starts, 'starts', right);
  if (planned.prefix !== undefined || stateRows(planned) > 0) {
    const what = planned.prefix !== undefined ? 'vectors of a mapper' : 'encoder states';
    throw invalidOption('starts', starts, `undefined: sequences have ${what}, and so one document each`);
  }
  if (count !== batch * length) {
    throw new Gpt2Error(
      'invalid-option',
      `starts has ${count} numbers; the batch has ${batch * length} tokens`,
    );
  }
  const list = starts as ArrayLike<unknown>;
  for (let i = 0; i < count; i++) {
    const position = i % length;
    // A document begins here, or that of the token before goes on.
    if (list[i] === position || (position > 0 && list[i] === list[i - 1])) continue;
    const before = position > 0 ? ` or ${show(list[i - 1])}, as that of the token before` : '';
    throw new Gpt2Error(
      'invalid-option',
      `start ${i} is ${show(list[i])}; it must be ${position}, the position of the token in its sequence${before}`,
    );
  }
}
