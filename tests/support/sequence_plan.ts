import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Core, CoreSequence, Evaluation, LogitsRow, SequenceUse } from '../../src/core/types.js';
import type { Seen } from './alone.js';
import { mix } from './mix.js';

/** What a caller does with a sequence, in order. */
export type Step =
  /** Evaluates `count` more tokens one by one. */
  | { readonly kind: 'decode'; readonly count: number }
  /** Evaluates `count` more tokens at once, results wanted after the last `wanted`. */
  | { readonly kind: 'extend'; readonly count: number; readonly wanted: number }
  /** As `extend`, but only hidden states are wanted. */
  | { readonly kind: 'embed'; readonly count: number; readonly wanted: number }
  /** As `extend`, but the reader keeps only some of the wanted tokens. */
  | { readonly kind: 'keep'; readonly count: number; readonly kept: number }
  /** As `extend`, but its signal fires after some turns of the event loop. */
  | { readonly kind: 'abort'; readonly count: number; readonly turns: number }
  /** As `extend`, but the reader throws. */
  | { readonly kind: 'throw'; readonly count: number }
  /** Removes tokens at the end. */
  | { readonly kind: 'rewind'; readonly part: number }
  /** Removes tokens in the middle, as if the context was full. */
  | { readonly kind: 'shift'; readonly keep: number; readonly dropped: number }
  /** Another caller goes on with a fork of the sequence. */
  | { readonly kind: 'fork'; readonly steps: readonly Step[] }
  | { readonly kind: 'wait'; readonly turns: number };

/** A caller: how its sequence begins, and what it does. */
export interface SequencePlan {
  readonly use: SequenceUse;
  readonly isPrivate: boolean;
  readonly priority: number;
  /** Index of the core: alone, or with adapters. */
  readonly core: number;
  /** The prompt: `shared` tokens of a text that others begin with too, then `own` ones. */
  readonly text: number;
  readonly shared: number;
  readonly own: number;
  readonly steps: readonly Step[];
  /** Whether it gives its pages back itself. */
  readonly releases: boolean;
}

const count = (most: number) => fc.integer({ min: 1, max: most });
const turns = fc.integer({ min: 0, max: 6 });

const { step } = fc.letrec<{ step: Step }>((tie) => ({
  step: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('decode' as const), count: count(4) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('extend' as const), count: count(80), wanted: count(12) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('embed' as const), count: count(80), wanted: count(40) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('keep' as const), count: count(20), kept: fc.nat(19) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const), count: count(80), turns }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('throw' as const), count: count(40) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('rewind' as const),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('shift' as const), keep: fc.nat(200), dropped: count(150) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('fork' as const),
        steps: fc.array(tie('step'), { maxLength: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), turns }) },
  ),
}));

/** Callers of cores with an index below `cores`. */
export const sequencePlans = (cores: number, most = 16): fc.Arbitrary<SequencePlan[]> =>
  fc.array(
    fc.record<SequencePlan>({
      use: fc.constantFrom('session', 'call'),
      isPrivate: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
      priority: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.constantFrom(-1, 2)),
      core: fc.nat(cores - 1),
      text: fc.nat(2),
      shared: fc.oneof(fc.constantFrom(0, 127, 128, 129, 256), fc.nat(260)),
      own: fc.oneof(fc.constantFrom(1, 2), count(40)),
      steps: fc.array(step, { maxLength: 6 }),
      releases: fc.boolean(),
    }),
    { minLength: 1, maxLength: most },
  );

export const turnsOfLoop = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** The error of a reader on purpose. */
export class ReaderError extends Error {}

/** Does what a plan says, and returns all logits that were seen. `number`: the plan's own. */
export async function follow(cores: readonly Core[], plan: SequencePlan, number: number): Promise<Seen[]> {
  const core = cores[plan.core]!;
  const sequence = core.sequence(plan.use, plan.isPrivate);
  const { vocabSize } = core.config;
  const tokens = [
    ...Array.from({ length: plan.shared }, (_, i) => mix(plan.text, i) % vocabSize),
    ...Array.from({ length: plan.own }, (_, i) => mix(number, i) % vocabSize),
  ];
  const seen: Seen[] = [];
  const caller = new Caller(core, sequence, plan.priority, number, seen);
  await caller.evaluate(tokens, tokens.length - 1);
  await caller.follow(plan.steps);
  if (plan.releases) sequence.release();
  return seen;
}

class Caller {
  readonly #core: Core;
  readonly #sequence: CoreSequence;
  readonly #priority: number;
  readonly #number: number;
  readonly #seen: Seen[];
  /** How many tokens the reader has kept, if not all. */
  #end: number | undefined;

  constructor(core: Core, sequence: CoreSequence, priority: number, number: number, seen: Seen[]) {
    this.#core = core;
    this.#sequence = sequence;
    this.#priority = priority;
    this.#number = number;
    this.#seen = seen;
  }

  async evaluate(
    tokens: readonly number[],
    first: number,
    after: (index: number) => unknown = () => {},
    { signal, wanted }: Pick<Evaluation, 'signal' | 'wanted'> = {},
  ): Promise<void> {
    this.#end = undefined;
    const indices: number[] = [];
    const read = ({ values, hidden }: LogitsRow, index: number) => {
      const seen = { tokens: tokens.slice(0, index + 1), hidden: hidden.slice() };
      this.#seen.push(wanted === 'hidden' ? seen : { ...seen, logits: values.slice() });
      indices.push(index);
      const isKept = after(index);
      if (isKept === false) this.#end = index + 1;
      return isKept;
    };
    const evaluated = await this.#sequence.evaluate({
      tokens,
      first,
      read,
      signal,
      priority: this.#priority,
    });
    if (evaluated === undefined) return;
    const kept = tokens.slice(0, this.#end ?? tokens.length);
    assert.equal(this.#sequence.tokens, kept);
    assert.equal(indices, [...kept.keys()].slice(first));
  }

  async follow(steps: readonly Step[]): Promise<void> {
    const forks: Promise<void>[] = [];
    for (const [i, step] of steps.entries()) {
      if (step.kind === 'fork') {
        const fork = this.#followFork(step.steps, i);
        // Its error is thrown below, unless another step fails before.
        fork.catch(() => {});
        forks.push(fork);
      } else await this.#take(step);
    }
    await Promise.all(forks);
  }

  async #followFork(steps: readonly Step[], index: number): Promise<void> {
    const fork = this.#sequence.fork();
    await new Caller(this.#core, fork, this.#priority, mix(this.#number, index), this.#seen).follow(steps);
    fork.release();
  }

  async #take(step: Exclude<Step, { kind: 'fork' }>): Promise<void> {
    const sequence = this.#sequence;
    switch (step.kind) {
      case 'decode':
        for (let i = 0; i < step.count; i++) {
          const tokens = this.#more(1);
          await this.evaluate(tokens, tokens.length - 1);
        }
        return;
      case 'extend': {
        const tokens = this.#more(step.count);
        return this.evaluate(tokens, Math.max(0, tokens.length - step.wanted));
      }
      case 'embed': {
        const tokens = this.#more(step.count);
        const first = Math.max(0, tokens.length - step.wanted);
        return this.evaluate(tokens, first, () => {}, { wanted: 'hidden' });
      }
      case 'keep': {
        const tokens = this.#more(step.count);
        const first = tokens.length - step.count;
        return this.evaluate(tokens, first, (index) => index < first + step.kept);
      }
      case 'abort': {
        const controller = new AbortController();
        const tokens = this.#more(step.count);
        const first = tokens.length - step.count;
        const running = this.evaluate(tokens, first, () => {}, controller);
        running.catch(() => {});
        await turnsOfLoop(step.turns);
        controller.abort();
        return running;
      }
      case 'throw': {
        const tokens = this.#more(step.count);
        const running = this.evaluate(tokens, tokens.length - 1, () => {
          throw new ReaderError();
        });
        const error = await running.catch((reason) => reason);
        if (!(error instanceof ReaderError)) throw error;
        return;
      }
      case 'rewind':
        sequence.rewind(Math.floor(step.part * sequence.tokens.length));
        return;
      case 'shift': {
        const { tokens } = sequence;
        const shifted = [...tokens.slice(0, step.keep), ...tokens.slice(step.keep + step.dropped)];
        if (shifted.length > 0) await this.evaluate(shifted, shifted.length - 1);
        return;
      }
      case 'wait':
        return turnsOfLoop(step.turns);
    }
  }

  /** The tokens of the sequence, as many as leave room, and `count` more. */
  #more(count: number): number[] {
    const { vocabSize, contextLength } = this.#core.config;
    const kept = this.#sequence.tokens.slice(0, contextLength - count);
    const more = Array.from(
      { length: count },
      (_, i) => mix(this.#number, 1000 + kept.length + i) % vocabSize,
    );
    return [...kept, ...more];
  }
}
