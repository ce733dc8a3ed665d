import { humanBytes, threeDigits } from '../../base/human_bytes.js';
import type { Completion } from '../../generate/completion.js';
import type { WorkerModel } from '../../worker/worker_model.js';
import { byId, make } from '../page/dom.js';

const ROWS = ['Speed', 'First token', 'Context', 'Memory', 'Weights', 'Build', 'Threads'] as const;
const UNKNOWN = '\u2013';
type Row = (typeof ROWS)[number];

/** The table of figures: speed, context, memory and settings of the model. */
export class Figures {
  readonly #values = new Map<Row, HTMLElement>(ROWS.map((row) => [row, make('dd', {}, UNKNOWN)]));

  constructor() {
    byId('figures', HTMLElement).append(
      ...[...this.#values].map(([row, value]) => make('div', {}, make('dt', {}, row), value)),
    );
  }

  /** The most important figures in one line. */
  get line(): string {
    const known = (['Context', 'Speed', 'Memory'] as const).map((row) => this.#values.get(row)!.textContent!);
    return known.filter((text) => text !== UNKNOWN).join(' \u00B7 ');
  }

  showModel(model: WorkerModel | undefined): void {
    for (const value of this.#values.values()) value.textContent = UNKNOWN;
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

  /** Shows the speed during a generation. */
  showSpeed(perSecond: number): void {
    this.#set('Speed', `${threeDigits(perSecond)} tokens/s`);
  }

  showCompletion({ timings }: Completion, model: WorkerModel): void {
    this.#set('First token', `${threeDigits(timings.promptMs)} ms`);
    this.#set('Memory', humanBytes(model.runtime.memoryBytes));
  }

  #set(row: Row, text: string): void {
    this.#values.get(row)!.textContent = text;
  }
}
