import type { ExamineEvents, ExamineView } from './examine_view.js';

/** The view Examine, which is loaded when it is first shown. */
export class ExamineOnDemand {
  readonly #section: HTMLElement;
  readonly #events: ExamineEvents;
  #view: ExamineView | undefined;
  #loading: Promise<void> | undefined;

  constructor(section: HTMLElement, events: ExamineEvents) {
    this.#section = section;
    this.#events = events;
  }

  /** The view; `undefined` until it is loaded. */
  get view(): ExamineView | undefined {
    return this.#view;
  }

  /** Loads the view, once. */
  async load(): Promise<void> {
    this.#loading ??= import('./examine_view.js').then(({ ExamineView }) => {
      this.#view = new ExamineView(this.#section, this.#events);
    });
    try {
      await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      this.#events.onError(error);
    }
  }
}
