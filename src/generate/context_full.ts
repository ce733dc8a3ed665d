import { Gpt2Error } from '../base/errors.js';

/** The error for a text that does not fit after `count` generated tokens. `ways`: values of `contextFull`. */
export function contextIsFull(contextLength: number, count: number, ways: string): Gpt2Error {
  return new Gpt2Error(
    'context-full',
    `the model's context of ${contextLength} tokens is full after ${count} generated ones; set contextFull to ${ways}, or maxTokens lower`,
  );
}
