import type { WorkProgress } from '../../model/remote_models.js';
import { make } from '../page/dom.js';

/** How a piece of work is stopped, and where it reports to. */
export interface RunningWork {
  readonly signal: AbortSignal;
  onProgress(progress: WorkProgress): void;
}

/** Runs one piece of work at a time, and shows how much of it is done. */
export class WorkBar {
  readonly element: HTMLElement;
  readonly #bar = make('progress', { 'aria-label': 'Work done', hidden: true });
  readonly #summary = make('p', { class: 'outcome', role: 'status' });
  readonly #onChange: () => void;
  #controller: AbortController | undefined;

  /** `onChange` is called when work begins and ends. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.element = make('div', { class: 'work' }, this.#bar, this.#summary);
  }

  get isBusy(): boolean {
    return this.#controller !== undefined;
  }

  say(message: string): void {
    this.#summary.textContent = message;
  }

  stop(): void {
    this.#controller?.abort();
  }

  /** Runs work and gives its result; `undefined` if it was stopped. `name` is shown meanwhile. */
  async run<T>(name: string, work: (how: RunningWork) => Promise<T>): Promise<T | undefined> {
    const controller = new AbortController();
    const { signal } = controller;
    this.#controller = controller;
    this.#bar.removeAttribute('value');
    this.#bar.hidden = false;
    this.say(`${name} \u2026`);
    this.#onChange();
    try {
      return await work({ signal, onProgress: (progress) => this.#show(progress) });
    } catch (error) {
      this.say('');
      if (!signal.aborted) throw error;
      this.say('Stopped.');
      return undefined;
    } finally {
      this.#controller = undefined;
      this.#bar.hidden = true;
      this.#onChange();
    }
  }

  #show({ done, total }: WorkProgress): void {
    this.#bar.max = Math.max(1, total);
    this.#bar.value = done;
  }
}
