import { Gpt2Error } from '../../base/errors.js';
import { make } from '../page/dom.js';
import { type Adapter, type ModelRequest, withAdapters } from './model_request.js';

export interface AdapterListEvents {
  /** Request of the current model. */
  current(): ModelRequest | undefined;
  /** The current model is wanted with other adapters. */
  onChange(request: ModelRequest): void;
}

/** The list of LoRA adapters of the current model. */
export class AdapterList {
  readonly #events: AdapterListEvents;
  readonly element = make('ul', { id: 'adapters', class: 'kept', 'aria-label': 'Adapters of this model' });

  constructor(events: AdapterListEvents) {
    this.#events = events;
  }

  /** Shows the adapters of the current model. */
  refresh(): void {
    const adapters = this.#events.current()?.adapters ?? [];
    this.element.replaceChildren(...adapters.map((adapter) => this.#row(adapter)));
  }

  /** Adds an adapter to the current model. Throws `not-found` if there is none. */
  add(adapter: Adapter): void {
    const request = this.#events.current();
    if (request === undefined) {
      throw new Gpt2Error(
        'not-found',
        `${adapter.name} is an adapter; load a model first, to which it is added`,
      );
    }
    this.#change(request, [...request.adapters, adapter]);
  }

  #remove(adapter: Adapter): void {
    const request = this.#events.current();
    if (request === undefined) return;
    const others = request.adapters.filter((other) => other !== adapter);
    this.#change(request, others);
  }

  #change(request: ModelRequest, adapters: readonly Adapter[]): void {
    this.#events.onChange(withAdapters(request, adapters));
  }

  #row(adapter: Adapter): HTMLElement {
    const attributes = { type: 'button', class: 'quiet', 'aria-label': `Remove ${adapter.name}` };
    const remove = make('button', attributes, 'Remove');
    remove.addEventListener('click', () => {
      this.#remove(adapter);
      // The row with the focus is about to be removed.
      this.element.parentElement?.querySelector<HTMLElement>('.row button')?.focus();
    });
    return make('li', {}, make('span', {}, adapter.name), remove);
  }
}
