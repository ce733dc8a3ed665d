import { power } from '../../base/exact_math.js';
import type { FinishReason } from '../completion.js';
import type { CompletionProcessor } from '../processors/completion_processor.js';
import { Hypotheses } from './hypotheses.js';
import { PlainSums } from './plain_sums.js';
import { type Candidate, TopCandidates } from './top_candidates.js';

/** How the beams of a group are extended, scored and ended. */
export interface BeamRules {
  /** The exponent of the number of tokens by which a sum of log-probabilities is divided. */
  readonly lengthPenalty: number;
  /**
   * When a group that has as many finished texts as beams ends: at once (true); when the best live beam, if
   * it ended now, would not be better than the worst finished text (false); or when no continuation of it
   * can be better ('never').
   */
  readonly earlyStopping: boolean | 'never';
  /** A text of this many tokens, 1 or more, is finished. */
  readonly maxTokens: number;
  /** Why it is finished then. */
  readonly maxTokensReason: FinishReason;
  /** Tokens that end a text. */
  readonly endTokens: ReadonlySet<number>;
  /** Whether these generated tokens end a text for another reason: their text has a stop string. */
  stops(tokens: readonly number[]): boolean;
  /** New processors for the first token after the prompt. */
  createProcessors(): CompletionProcessor[];
}

/** A text that is being extended. */
export interface Beam {
  /** The generated tokens. */
  readonly tokens: readonly number[];
  /** Index of the beam that it extends by one token, among those that were live before. */
  readonly parent: number;
}

interface LiveBeam extends Beam {
  /** Sum of the log-probabilities. */
  readonly total: number;
  readonly processors: readonly CompletionProcessor[];
}

/** Beams that compete with each other: a whole beam search, or one group of a diverse one. */
export class BeamGroup {
  readonly #width: number;
  readonly #rules: BeamRules;
  readonly #candidates: TopCandidates;
  readonly #hypotheses: Hypotheses;
  #live: readonly LiveBeam[];

  /** `width`: most live beams, and most finished texts. */
  constructor(width: number, rules: BeamRules) {
    this.#width = width;
    this.#rules = rules;
    // Of `width` beams at most width * endTokens candidates end, so that `width` others remain.
    this.#candidates = new TopCandidates(width * Math.max(2, 1 + rules.endTokens.size));
    this.#hypotheses = new Hypotheses(width);
    this.#live = [{ tokens: [], parent: 0, total: 0, processors: rules.createProcessors() }];
  }

  /** The beams to extend, best first; none if the search has ended. */
  get live(): readonly Beam[] {
    return this.#live;
  }

  get hypotheses(): Hypotheses {
    return this.#hypotheses;
  }

  /** Receives the log-probabilities [V] after the next live beam, in their order, and overwrites them. */
  read(beam: number, logProbs: Float32Array): void {
    const { total, processors } = this.#live[beam]!;
    const sums = new PlainSums(logProbs);
    for (const processor of processors) processor.apply(logProbs, sums);
    this.#candidates.offer(beam, total, logProbs);
  }

  /**
   * Extends the beams, once all of them were read. Returns the tokens that the best texts without an end
   * take, also if the search ends here.
   */
  advance(): number[] {
    const extended: Candidate[] = [];
    const length = this.#live[0]!.tokens.length + 1;
    const { maxTokens, maxTokensReason } = this.#rules;
    for (const [rank, candidate] of this.#candidates.take().entries()) {
      const tokens = this.#tokensOf(candidate);
      const reason = this.#reasonToEnd(tokens, candidate);
      if (reason === undefined) extended.push(candidate);
      const finishReason = length === maxTokens ? (reason ?? maxTokensReason) : reason;
      // An ended text must be as good as those that are extended.
      if (finishReason !== undefined && rank < this.#width) {
        this.#finish(tokens, candidate.total, finishReason);
      }
      if (extended.length === this.#width) break;
    }
    const isOver = length === maxTokens || this.#isEnough(extended[0], length);
    this.#live = isOver ? [] : this.#extend(extended);
    return extended.map(({ token }) => token);
  }

  /** Finishes all live beams as they are. */
  end(reason: FinishReason): void {
    for (const { tokens, total } of this.#live) this.#finish(tokens, total, reason);
    this.#live = [];
  }

  #tokensOf({ beam, token }: Candidate): number[] {
    return [...this.#live[beam]!.tokens, token];
  }

  #reasonToEnd(tokens: readonly number[], { beam, token }: Candidate): FinishReason | undefined {
    if (this.#rules.endTokens.has(token)) return 'eos';
    const isComplete = this.#live[beam]!.processors.some((processor) => processor.ends?.(token));
    return isComplete || this.#rules.stops(tokens) ? 'stop' : undefined;
  }

  #finish(tokens: readonly number[], total: number, finishReason: FinishReason): void {
    this.#hypotheses.add({ tokens, score: this.#score(total, tokens.length), finishReason });
  }

  #score(total: number, length: number): number {
    const { lengthPenalty } = this.#rules;
    const tokens = Math.max(1, length);
    return total / (lengthPenalty === 1 ? tokens : power(tokens, lengthPenalty));
  }

  /** Whether the finished texts suffice (see `earlyStopping`). `best`: the best live text, if any. */
  #isEnough(best: Candidate | undefined, length: number): boolean {
    const { earlyStopping, lengthPenalty, maxTokens } = this.#rules;
    if (best === undefined) return true;
    if (!this.#hypotheses.isFull) return false;
    if (earlyStopping === true) return true;
    const bestLength = earlyStopping === 'never' && lengthPenalty > 0 ? maxTokens : length;
    return this.#score(best.total, bestLength) <= this.#hypotheses.worst;
  }

  #extend(candidates: readonly Candidate[]): LiveBeam[] {
    const free = this.#live.map(({ processors }) => processors);
    return candidates.map((candidate) => {
      const { beam, total } = candidate;
      const tokens = this.#tokensOf(candidate);
      return { tokens, parent: beam, total, processors: this.#processorsOf(tokens, beam, free) };
    });
  }

  /**
   * The processors after `tokens`: those of the parent if no other beam has taken them from `free`, else new
   * ones that receive all tokens.
   */
  #processorsOf(
    tokens: readonly number[],
    parent: number,
    free: (readonly CompletionProcessor[] | undefined)[],
  ): readonly CompletionProcessor[] {
    const taken = free[parent];
    free[parent] = undefined;
    const processors = taken ?? this.#rules.createProcessors();
    for (const token of taken ? tokens.slice(-1) : tokens) {
      for (const processor of processors) processor.push?.(token);
    }
    return processors;
  }
}
