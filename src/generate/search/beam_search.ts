import { Gpt2Error } from '../../base/errors.js';
import type { LogitsRow } from '../../core/types.js';
import type { FinishReason } from '../completion.js';
import { CountPenalties } from '../processors/count_penalties.js';
import { type Beam, BeamGroup, type BeamRules } from './beam_group.js';
import { type Hypothesis, sortByScore } from './hypotheses.js';

/** The settings of a beam search. */
export interface BeamSearchOptions extends BeamRules {
  /** Most texts that are extended at the same time, all groups together. */
  readonly beams: number;
  /** Groups of equal size; a divisor of `beams`. */
  readonly groups: number;
  /** Subtracted from a token's log-probability for each beam of an earlier group that has just taken it. */
  readonly diversityPenalty: number;
}

/** A beam of a group, which reads a row of logits. */
interface Reader {
  readonly group: BeamGroup;
  readonly beam: number;
}

/**
 * Beam search as in Hugging Face's transformers 5: the processors change log-probabilities, and the texts
 * with the highest sums of these are extended. With several groups it is diverse beam search (Vijayakumar et
 * al. 2016) with Hamming diversity: each group searches alone, but tokens that earlier groups take at the
 * same position are penalised.
 *
 * It evaluates nothing: the caller passes the logits after each of the texts in `live` to `read`, in their
 * order. After the last one, `live` are the texts to evaluate next; none if the search has ended. Each names
 * its `parent` among the texts before, whose KV cache it continues. The first text is the prompt alone.
 */
export class BeamSearch {
  readonly #groups: readonly BeamGroup[];
  readonly #diversityPenalty: number;
  #live: readonly Beam[] = [{ tokens: [], parent: 0 }];
  /** Those who read the rows of this step; all groups begin with the row of the prompt. */
  #readers: readonly (readonly Reader[])[];
  /** Index in `#live` of the first beam of each group. */
  readonly #starts: number[];
  /** Rows of this step that were read. */
  #rowsRead = 0;
  /** The penalty for tokens that beams have taken in this step. */
  #diversity: CountPenalties;
  /** V log-probabilities. */
  #logProbs = new Float32Array(0);

  constructor({ beams, groups, diversityPenalty, ...rules }: BeamSearchOptions) {
    this.#groups = Array.from({ length: groups }, () => new BeamGroup(beams / groups, rules));
    this.#readers = [this.#groups.map((group) => ({ group, beam: 0 }))];
    this.#starts = this.#groups.map(() => 0);
    this.#diversityPenalty = diversityPenalty;
    this.#diversity = new CountPenalties(diversityPenalty, 0);
  }

  /** The texts to evaluate; none if the search has ended. */
  get live(): readonly Beam[] {
    return this.#live;
  }

  /**
   * Receives the logits after the next of the live texts; the row's values stay as they are. Throws
   * `invalid-option` if every continuation of every text is banned and none has finished.
   */
  read(row: Pick<LogitsRow, 'values' | 'logSumExp'>): void {
    for (const { group, beam } of this.#readers[this.#rowsRead]!) {
      group.read(beam, this.#logProbsOf(row));
      if (beam === group.live.length - 1) this.#advance(group);
    }
    this.#rowsRead++;
    if (this.#rowsRead === this.#live.length) this.#collectLive();
  }

  /** Ends the search: the live texts are finished as they are. */
  end(reason: FinishReason): void {
    for (const group of this.#groups) group.end(reason);
    this.#live = [];
  }

  /**
   * The `count` best finished texts, best first; of equal scores the earlier group's. There are fewer if
   * fewer texts are possible.
   */
  best(count: number): Hypothesis[] {
    return sortByScore(this.#groups.flatMap(({ hypotheses }) => hypotheses.list)).slice(0, count);
  }

  /** The row's log-probabilities less the penalties of tokens that earlier groups have taken. */
  #logProbsOf(row: Pick<LogitsRow, 'values' | 'logSumExp'>): Float32Array {
    const { values } = row;
    const logSumExp = row.logSumExp();
    if (this.#logProbs.length !== values.length) this.#logProbs = new Float32Array(values.length);
    const logProbs = this.#logProbs;
    for (let token = 0; token < values.length; token++) logProbs[token] = values[token]! - logSumExp;
    this.#diversity.apply(logProbs);
    return logProbs;
  }

  #advance(group: BeamGroup): void {
    for (const token of group.advance()) this.#diversity.push(token);
  }

  #collectLive(): void {
    const live: Beam[] = [];
    const readers: Reader[][] = [];
    for (const [index, group] of this.#groups.entries()) {
      const before = this.#starts[index]!;
      this.#starts[index] = live.length;
      for (const [beam, { tokens, parent }] of group.live.entries()) {
        live.push({ tokens, parent: before + parent });
        readers.push([{ group, beam }]);
      }
    }
    this.#live = live;
    this.#readers = readers;
    this.#rowsRead = 0;
    this.#diversity = new CountPenalties(this.#diversityPenalty, 0);
    if (live.length === 0 && this.best(1).length === 0) {
      throw new Gpt2Error(
        'invalid-option',
        'no token is left to extend any beam: the options ban the whole vocabulary; ban fewer',
      );
    }
  }
}
