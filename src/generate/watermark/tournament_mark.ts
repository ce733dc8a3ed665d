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
    const ids = possible(logits);
    const factors = this.#factors(
      ids,
      Float64Array.from(ids, (id) => all[id]!),
    );
    for (let i = 0; i < ids.length; i++) {
      // Not 0, so that a token that a format demands stays possible.
      const factor = Math.max(factors[i]!, LEAST_NORMAL);
      logits[ids[i]!] = logits[ids[i]!]! - logSumExp + ln(factor);
    }
  }

  /** By what the tournament multiplies the probabilities of tokens. */
  #factors(ids: Int32Array, probabilities: Float64Array): Float64Array {
    const tournament = this.#tournament;
    const context = tournament.hash(this.#state.context);
    const hashes = ids.map((id) => tournament.withToken(context, id));
    const factors = new Float64Array(ids.length).fill(1);
    const values = new Uint8Array(ids.length);
    for (let layer = 0; layer < tournament.depth; layer++) {
      tournament.values(hashes, layer, values);
      let mass = 0;
      for (let i = 0; i < values.length; i++) mass += values[i]! * probabilities[i]! * factors[i]!;
      for (let i = 0; i < values.length; i++) factors[i]! *= 1 + values[i]! - mass;
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

/** Ids of the tokens that are not banned. */
function possible(logits: Float32Array): Int32Array {
  const ids = new Int32Array(logits.length);
  let count = 0;
  for (let id = 0; id < logits.length; id++) if (logits[id]! > Number.NEGATIVE_INFINITY) ids[count++] = id;
  return ids.subarray(0, count);
}
