import { make } from '../page/dom.js';
import { type LearnedAdapter, type LearnedAdapters, modelKey } from './learned_adapters.js';
import { type ModelRequest, withAdapters } from './model_request.js';

export interface LearnedSwitchEvents {
  /** Request of the current model. */
  current(): ModelRequest | undefined;
  /** The current model is wanted with other adapters. */
  onChange(request: ModelRequest): void;
}

/** Switches what was learned from choices on and off, at most one adapter of the current model at a time. */
export class LearnedSwitch {
  readonly #box: HTMLElement;
  readonly #adapters: LearnedAdapters;
  readonly #events: LearnedSwitchEvents;
  readonly #select = make('select', { id: 'learned-choice' });
  /** Source of the latest model: another one begins with the adapter that was on. */
  #source: ModelRequest['source'] | undefined;

  constructor(box: HTMLElement, adapters: LearnedAdapters, events: LearnedSwitchEvents) {
    this.#box = box;
    this.#adapters = adapters;
    this.#events = events;
    box.append(make('label', { for: 'learned-choice' }, 'Learned from my choices'), this.#select);
    this.#select.addEventListener('change', () => void this.set(this.#select.value || undefined));
    adapters.onChange(() => void this.#show());
  }

  /** Shows the adapters of the current model. The page calls this when loading has ended. */
  async refresh(): Promise<void> {
    const request = this.#events.current();
    const isOther = request?.source !== this.#source;
    this.#source = request?.source;
    if (request === undefined) return;
    const own = await this.#ofModel(request);
    const applied = appliedIn(request);
    if (isOther && applied === undefined)
      this.#apply(
        request,
        own.find(({ isOn }) => isOn),
      );
    // An adapter may have been removed in the list of adapters.
    else await this.#adapters.switchOn(modelKey(request), applied);
    await this.#show();
  }

  /** Switches an adapter of the current model on, or all off. */
  async set(id: string | undefined): Promise<void> {
    const request = this.#events.current();
    if (request === undefined) return;
    const own = await this.#ofModel(request);
    await this.#adapters.switchOn(modelKey(request), id);
    this.#apply(
      request,
      own.find((adapter) => adapter.id === id),
    );
  }

  #apply(request: ModelRequest, learned: LearnedAdapter | undefined): void {
    if (appliedIn(request) === learned?.id) return;
    const others = request.adapters.filter(({ id }) => id === undefined);
    const own = learned === undefined ? [] : [{ id: learned.id, name: learned.name, files: learned.files }];
    this.#events.onChange(withAdapters(request, [...others, ...own]));
  }

  async #ofModel(request: ModelRequest): Promise<LearnedAdapter[]> {
    const key = modelKey(request);
    return (await this.#adapters.list()).filter(({ model }) => model === key);
  }

  async #show(): Promise<void> {
    const request = this.#events.current();
    const own = request === undefined ? [] : await this.#ofModel(request);
    this.#box.hidden = own.length === 0;
    this.#select.replaceChildren(
      make('option', { value: '' }, 'off'),
      ...own.map(({ id, name }) => make('option', { value: id }, name)),
    );
    this.#select.value = (request && appliedIn(request)) ?? '';
  }
}

/** Id of the learned adapter of a request. */
export function appliedIn({ adapters }: Pick<ModelRequest, 'adapters'>): string | undefined {
  return adapters.find(({ id }) => id !== undefined)?.id;
}
