import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';

/** Tokens of the context that are read after the question. */
export interface AnswerWindow {
  readonly first: number;
  readonly count: number;
}

/**
 * Windows over a context of `count` tokens, each of which has `most` tokens with those of the question; neighbours share
 * `stride` tokens. Throws `context-full` if the question fills them, `invalid-option` if they would not move.
 */
export function answerWindows(question: number, count: number, most: number, stride: number): AnswerWindow[] {
  const room = most - question;
  if (room < 1) {
    throw new Gpt2Error(
      'context-full',
      `the question has ${question} tokens and a window ${most}; shorten it`,
    );
  }
  if (count <= room) return [{ first: 0, count }];
  if (stride >= room) {
    throw invalidOption('stride', stride, `less than the ${room} tokens of the context that a window has`);
  }
  const windows: AnswerWindow[] = [];
  for (let first = 0; ; first += room - stride) {
    windows.push({ first, count: Math.min(room, count - first) });
    if (first + room >= count) return windows;
  }
}
