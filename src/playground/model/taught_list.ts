import { make } from '../page/dom.js';
import { storedRow } from './stored_row.js';
import type { TaughtModel, TaughtModels } from './taught_models.js';

/** The list of models that were taught in this browser. Hidden if there are none. */
export class TaughtList {
  readonly #models: TaughtModels;
  readonly #onLoad: (model: TaughtModel) => void;
  readonly #onError: (error: unknown) => void;
  readonly #list = make('ul', { id: 'taught', class: 'kept', 'aria-label': 'Taught models' });
  readonly element = make(
    'div',
    { class: 'control', hidden: true },
    make('p', { class: 'label' }, 'Taught in this browser'),
    this.#list,
  );

  /** `onError`: a model could not be deleted. */
  constructor(models: TaughtModels, onLoad: (model: TaughtModel) => void, onError: (error: unknown) => void) {
    this.#models = models;
    this.#onLoad = onLoad;
    this.#onError = onError;
  }

  /** Shows the stored models. */
  async refresh(): Promise<void> {
    const models = await this.#models.list();
    this.element.hidden = models.length === 0;
    this.#list.replaceChildren(...models.map((model) => this.#row(model)));
  }

  #row(model: TaughtModel): HTMLElement {
    const { id, name, byteLength } = model;
    return storedRow(name, byteLength, {
      onLoad: () => this.#onLoad(model),
      onError: this.#onError,
      onDelete: async () => {
        if (!confirm(`Delete ${name} permanently?`)) return;
        await this.#models.remove(id);
        await this.refresh();
        document.getElementById('embedded')?.focus();
      },
    });
  }
}
