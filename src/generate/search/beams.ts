import { now } from '../../base/timers.js';
import type { Token } from '../completion.js';
import { contextIsFull } from '../context_full.js';
import type { GuidedRow } from '../guidance/guided_row.js';
import { Renormalization } from '../processors/renormalization.js';
import { type LogprobReport, reportOf } from '../report_logprobs.js';
import type { GenerationSequence } from '../sequence.js';
import { banUndecodable } from '../undecodable_ids.js';
import { BeamSearch, type BeamSearchOptions } from './beam_search.js';
import type { Hypothesis } from './hypotheses.js';
import type { SearchTask } from './search_task.js';
import { stopRule } from './stop_rule.js';
import { TextLogprobs } from './text_logprobs.js';

/** The logits after a live text, copied, since the rows of a step may come in any order. */
interface Row {
  readonly values: Float32Array;
  logSumExp(): number;
  readonly report: LogprobReport | undefined;
}

/**
 * Searches with beams, and then yields the tokens of the best texts, one text after the other. The choices are
 * complete before the first token is read. If the signal fires, the live texts end as they are. Throws
 * `context-full`, and `invalid-option` if all tokens are banned.
 */
export async function* beamTokens(task: SearchTask): AsyncGenerator<Token, void> {
  const run = new BeamRun(task);
  const found = await run.find();
  const tokens = found.flatMap((text, index) => {
    const choice = task.begin(index);
    choice.score = text.score;
    return text.tokens.map((id, i) => {
      const { finishReason } = text;
      const isOver = finishReason === 'context' || finishReason === 'stop';
      const reason = isOver && i === text.tokens.length - 1 ? finishReason : undefined;
      return choice.add(choice.accept({ id, logprob: run.logprobs?.of(text.tokens)[i] }, reason));
    });
  });
  task.measures.decodedTokens = found.reduce((sum, text) => sum + Math.max(0, text.tokens.length - 1), 0);
  await continueWith(task, found[0]!.tokens);
  yield* tokens;
}

/** If a session returns one text, its sequence holds the text, except the last token, after the prompt. */
async function continueWith({ sequence, prompt, options }: SearchTask, best: readonly number[]) {
  const { returned, signal, priority } = options;
  if (sequence.use !== 'session' || returned > 1 || best.length < 2) return;
  const tokens = [...prompt, ...best.slice(0, -1)];
  await sequence.evaluate({ tokens, wanted: 'hidden', read: () => {}, signal, priority });
}

/** A beam search and the sequences of its live texts. */
class BeamRun {
  /** Only with the option `logprobs`. */
  readonly logprobs: TextLogprobs | undefined;
  readonly #task: SearchTask;
  readonly #search: BeamSearch;
  /** One for each live text. The first text is the prompt alone, on the sequence of the task. */
  #sequences: readonly GenerationSequence[] = [];

  constructor(task: SearchTask) {
    this.#task = task;
    this.#search = new BeamSearch(settingsOf(task));
    if (task.options.logprobs !== undefined) this.logprobs = new TextLogprobs();
  }

  /** The best texts, at least one. */
  async find(): Promise<Hypothesis[]> {
    const { measures, options } = this.#task;
    let measured: 'promptMs' | 'decodeMs' = 'promptMs';
    try {
      while (this.#search.live.length > 0) {
        const start = now();
        await this.#step();
        measures[measured] += now() - start;
        measured = 'decodeMs';
      }
    } finally {
      this.#continueOn([]);
    }
    return this.#search.best(options.returned);
  }

  /** Evaluates all live texts together and extends them, or ends the search if the signal has fired. */
  async #step(): Promise<void> {
    const search = this.#search;
    const texts = search.live.map(({ tokens }) => tokens);
    const rows = await Promise.all(texts.map((tokens, i) => this.#evaluate(tokens, i)));
    // The sequence of a session may have been released meanwhile, and its forks not.
    this.#task.sequence.assertUsable();
    if (!rows.every((row) => row !== undefined)) {
      search.end('aborted');
      return;
    }
    for (const row of rows) search.read(row);
    this.logprobs?.extend(
      texts,
      rows.map(({ report }) => report!),
      [...search.live, ...search.best(this.#task.options.beams)].map(({ tokens }) => tokens),
    );
    this.#continueOn(search.live.map(({ parent }) => this.#sequence(parent).fork()));
  }

  #sequence(text: number): GenerationSequence {
    return this.#sequences[text] ?? this.#task.sequence;
  }

  #continueOn(sequences: readonly GenerationSequence[]): void {
    for (const sequence of this.#sequences) sequence.release();
    this.#sequences = sequences;
  }

  /** The logits after a live text; undefined if the signal fired. Throws `context-full`. */
  async #evaluate(generated: readonly number[], text: number): Promise<Row | undefined> {
    const { sequence, prompt, options, tokenizer, measures } = this.#task;
    const { contextLength } = sequence;
    const { signal, priority, logprobs } = options;
    const tokens = [...prompt, ...generated];
    if (tokens.length > contextLength) throw contextIsFull(contextLength, generated.length, '"stop"');
    let copy: Row | undefined;
    const read = (row: GuidedRow) => {
      const values = row.values.slice();
      const ownSum = row.logSumExp();
      const report = logprobs === undefined ? undefined : reportOf(row, tokenizer, logprobs);
      const logSumExp = row.guide?.() ?? ownSum;
      if (row.guide) values.set(row.values);
      copy = { values, logSumExp: () => logSumExp, report };
    };
    const evaluated = await this.#sequence(text).evaluate({ tokens, read, signal, priority });
    if (generated.length === 0) measures.cachedPromptTokens = evaluated?.cachedTokens ?? 0;
    return evaluated && copy;
  }
}

function settingsOf(task: SearchTask): BeamSearchOptions {
  const { options, prompt, tokenizer, sequence, unshown } = task;
  const { contextLength } = sequence;
  const { eosTokenIds } = sequence.core.config;
  const { beams, beamGroups, diversityPenalty, lengthPenalty, earlyStopping } = options;
  const room = options.contextFull === 'stop' ? contextLength + 1 - prompt.length : Number.POSITIVE_INFINITY;
  const bans = { apply: (logits: Float32Array) => banUndecodable(logits, tokenizer) };
  const renormalizations = options.renormalize ? [new Renormalization()] : [];
  return {
    ...{ beams, groups: beamGroups, diversityPenalty, lengthPenalty, earlyStopping },
    maxTokens: Math.min(options.maxTokens, room),
    maxTokensReason: options.maxTokens <= room ? 'length' : 'context',
    endTokens: new Set(options.ignoreEos ? [] : eosTokenIds),
    stops: stopRule(options.stop, tokenizer, unshown),
    createProcessors: () => [bans, ...task.createProcessors(), ...renormalizations],
  };
}
