import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path: string) => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));

/** Data of a fine-tune that was also run in PyTorch: fixtures/fables/NOTICE.txt. */
export const DATA = here('fables/fables.txt');
export const MODEL = here('stories-tiny');
export const SETTINGS = JSON.parse(readFileSync(here('fables/settings.json'), 'utf8'));

/** PyTorch's results. */
export interface ExpectedFineTune {
  /** Loss of each step before its update, in nats. */
  readonly losses: readonly number[];
  /** Norm of all gradients of each step, before clipping. */
  readonly gradientNorms: readonly number[];
  /** Mean loss of the held-out documents before the first step and after the last. */
  readonly heldOut: readonly [before: number, after: number];
}

export const EXPECTED: ExpectedFineTune = JSON.parse(readFileSync(here('fables/expected.json'), 'utf8'));
