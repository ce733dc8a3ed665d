import type { Turn } from '../../server/chat/turns.js';

/** A message of the user with its answer. */
export interface Exchange {
  readonly user: string;
  readonly answer: string;
  /** How often the answer was asked for again. */
  readonly tries: number;
}

/** All that the next answer depends on, beside the model and its options. */
export interface DialogueState {
  readonly system: string | undefined;
  readonly seed: number;
  readonly exchanges: readonly Exchange[];
}

/** The messages of a dialogue. */
export const turnsOf = (system: string | undefined, exchanges: readonly Exchange[]): Turn[] => [
  ...(system === undefined ? [] : [{ role: 'system', content: system }]),
  ...exchanges.flatMap(({ user, answer }) => [
    { role: 'user', content: user },
    { role: 'assistant', content: answer },
  ]),
];
