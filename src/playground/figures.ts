import type { Completion } from '../generate/completion.js';
import { humanBytes, threeDigits } from '../human_bytes.js';
import type { WorkerModel } from '../worker/worker_model.js';
import { byId, make } from './dom.js';

const ROWS = ['Speed', 'First token', 'Context', 'Memory', 'Weights', 'Build', 'Threads'] as const;
type Row = (typeof ROWS)[number];

/** What the model costs. */
export class Figures {
  readonly #values = new Map<Row, HTMLElement>(ROWS.map((row) => [row, make('dd', {}, '\u2013')]));

  constructor() {
    byId('figures', HTMLElement).append(
      ...[...this.#values].map(([row, value]) => make('div', {}, make('dt', {}, row), value)),
    );
  }

  showModel(model: WorkerModel | undefined): void {
    for (const value of this.#values.values()) value.textContent = '\u2013';
    if (model === undefined) return;
    const { build, weights, threads, threadsReason, memoryBytes } = model.runtime;
    this.#set('Memory', humanBytes(memoryBytes));
    this.#set('Weights', weights);
    this.#set('Build', build);
    this.#set('Threads', `${threads}: ${threadsReason}`);
  }

  showContext(tokens: number | undefined, contextLength: number): void {
    this.#set('Context', `${tokens ?? '\u2026'} of ${contextLength} tokens`);
  }

  /** While tokens come. */
  showSpeed(perSecond: number): void {
    this.#set('Speed', `${threeDigits(perSecond)} tokens/s`);
  }

  showCompletion({ timings }: Completion, model: WorkerModel): void {
    if (timings.tokensPerSecond > 0) this.showSpeed(timings.tokensPerSecond);
    this.#set('First token', `${threeDigits(timings.promptMs)} ms`);
    this.#set('Memory', humanBytes(model.runtime.memoryBytes));
  }

  #set(row: Row, text: string): void {
    this.#values.get(row)!.textContent = text;
  }
}
