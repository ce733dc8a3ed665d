import { LEAST_NORMAL, ln } from '../../base/exact_math.js';
import type { LogitsSums } from '../processors/completion_processor.js';
import { ContextHistory } from './context_history.js';
import type { Mark } from './mark.js';
import type { ResolvedSynthId } from './resolved_watermark.js';
import type { Tournament } from './tournament.js';

/** How much of a text a `TournamentMark` has marked. */
interface State {
  /** The latest `ngramLen` - 1 tokens of the completion, zeros before the first; the prompt does not count. */
  readonly context: readonly number[];
  readonly history: ContextHistory;
  /** How many tokens there are. */
  readonly tokens: number;
}

/**
 * Turns logits into log-probabilities after a tournament with two competitors in each layer (Dathathri et al. 2024): on
 * average over the keys, they are those from before.
 */
export class TournamentMark implements Mark {
  readonly #tournament: Tournament;
  readonly #watermark: ResolvedSynthId;
  #state: State;

  constructor(tournament: Tournament, watermark: ResolvedSynthId, state?: State) {
    this.#tournament = tournament;
    this.#watermark = watermark;
    this.#state = state ?? {
      context: new Array<number>(watermark.ngramLen - 1).fill(0),
      history: new ContextHistory(watermark.contextHistorySize),
      tokens: 0,
    };
  }

  apply(logits: Float32Array, sums: LogitsSums): void {
    const { context, history } = this.#state;
    if (this.#isSkipped || history.has(context)) return;
    const logSumExp = sums.logSumExp();
    if (logSumExp === Number.NEGATIVE_INFINITY) return;
    const all = sums.softmax(1);
    // Tokens that a sampler has left, and what the tournament multiplies their probabilities by.
    const ids: number[] = [];
    for (let id = 0; id < logits.length; id++) if (logits[id]! > Number.NEGATIVE_INFINITY) ids.push(id);
    const factors = this.#factors(ids, all);
    ids.forEach((id, i) => {
      // Not 0, so that a token that a format demands stays possible.
      logits[id] = logits[id]! - logSumExp + ln(Math.max(factors[i]!, LEAST_NORMAL));
    });
  }

  #factors(ids: readonly number[], probabilities: Float32Array): Float64Array {
    const tournament = this.#tournament;
    const context = tournament.hash(this.#state.context);
    const hashes = Int32Array.from(ids, (id) => tournament.withToken(context, id));
    const factors = new Float64Array(ids.length).fill(1);
    const values = new Uint8Array(ids.length);
    for (let layer = 0; layer < tournament.depth; layer++) {
      let mass = 0;
      for (let i = 0; i < ids.length; i++) {
        values[i] = tournament.value(hashes[i]!, layer);
        if (values[i] === 1) mass += probabilities[ids[i]!]! * factors[i]!;
      }
      for (let i = 0; i < ids.length; i++) factors[i]! *= 1 + values[i]! - mass;
    }
    return factors;
  }

  get #isSkipped(): boolean {
    return this.#watermark.skipFirstNgramCalls && this.#state.tokens + 1 < this.#watermark.ngramLen;
  }

  push(token: number): void {
    const { context, history, tokens } = this.#state;
    if (!this.#isSkipped) history.add(context);
    this.#state = { context: [...context.slice(1), token], history, tokens: tokens + 1 };
  }

  fork(): TournamentMark {
    const { history } = this.#state;
    return new TournamentMark(this.#tournament, this.#watermark, { ...this.#state, history: history.fork() });
  }
}
