import type { Core, CoreSequence, Evaluated, Evaluation, SequenceUse } from '../../core/types.js';
import type { GenerationSequence } from '../sequence.js';
import type { Mixture } from './mix.js';
import { RowMeeting } from './row_meeting.js';

/** A sequence whose rows change those of another. */
export interface Helper {
  readonly sequence: CoreSequence;
  /** Tokens that it has in place of the prompt; undefined if it has the same text. */
  readonly context: readonly number[] | undefined;
  /** Whether it is evaluated in the same batch, since one scheduler has both. */
  readonly isNear: boolean;
}

/** What stays the same in all forks of a guided sequence. */
export interface Guidance {
  /** Most tokens that the text can have, so that no helper has too many. */
  readonly contextLength: number;
  /** The mixture of the logits of the model and, in their order, its helpers. */
  mixtureOf(values: readonly Float32Array[]): Mixture;
}

/**
 * A sequence with helpers, which are evaluated at the same time: in the same batch, but those of other cores
 * before. Its rows have a `guide`.
 */
export class GuidedSequence implements GenerationSequence {
  readonly core: Core;
  readonly use: SequenceUse;
  readonly contextLength: number;
  readonly #main: GenerationSequence;
  readonly #guidance: Guidance;
  #helpers: readonly Helper[];
  /** How many tokens of the text are the prompt's, and not generated. */
  #promptTokens: number;

  constructor(
    main: GenerationSequence,
    guidance: Guidance,
    helpers: readonly Helper[],
    promptTokens: number,
  ) {
    this.core = main.core;
    this.use = main.use;
    this.contextLength = guidance.contextLength;
    this.#main = main;
    this.#guidance = guidance;
    this.#helpers = helpers;
    this.#promptTokens = promptTokens;
  }

  get vectors(): number {
    return this.#main.vectors;
  }

  async evaluate(evaluation: Evaluation): Promise<Evaluated | undefined> {
    if (evaluation.wanted === 'hidden') return this.#main.evaluate(evaluation);
    const { tokens, first = tokens.length - 1, read, signal, priority } = evaluation;
    const helpers = [...this.#helpers.entries()];
    const meeting = new RowMeeting(1 + helpers.length, this.#guidance.mixtureOf, read);
    const evaluate = ([i, helper]: [number, Helper]) => {
      const text = this.#textOf(helper, tokens);
      const ahead = text.length - tokens.length;
      return helper.sequence.evaluate({
        tokens: text,
        first: first + ahead,
        read: (row, index) => meeting.add(i + 1, row, index - ahead),
        signal,
        priority,
      });
    };
    const far = await Promise.all(helpers.filter(([, { isNear }]) => !isNear).map(evaluate));
    if (far.includes(undefined)) return undefined;
    const own = { ...evaluation, read: meeting.add.bind(meeting, 0) };
    const [evaluated, ...near] = await Promise.all([
      this.#main.evaluate(own),
      ...helpers.filter(([, { isNear }]) => isNear).map(evaluate),
    ]);
    return near.includes(undefined) ? undefined : evaluated;
  }

  #textOf({ context }: Helper, tokens: readonly number[]): readonly number[] {
    return context === undefined ? tokens : [...context, ...tokens.slice(this.#promptTokens)];
  }

  drop(start: number, count: number): void {
    const kept = Math.min(start, this.#promptTokens);
    this.#promptTokens = kept + Math.max(0, this.#promptTokens - kept - count);
  }

  fork(): GuidedSequence {
    const helpers = this.#helpers.map((helper) => ({ ...helper, sequence: helper.sequence.fork() }));
    return new GuidedSequence(this.#main.fork(), this.#guidance, helpers, this.#promptTokens);
  }

  become(other: GuidedSequence): void {
    this.#main.become(other.#main);
    this.leave();
    this.#helpers = other.#helpers;
    this.#promptTokens = other.#promptTokens;
  }

  rewind(length: number): void {
    this.#main.rewind(length);
  }

  assertUsable(): void {
    this.#main.assertUsable();
  }

  release(): void {
    this.#main.release();
    this.leave();
  }

  /** Gives the helpers' memory back, but not that of the text. */
  leave(): void {
    for (const { sequence } of this.#helpers) sequence.release();
  }
}
