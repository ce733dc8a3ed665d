import { saveFile } from '../document/text_files.js';
import { type LearnedAdapter, type LearnedAdapters, modelKey } from '../model/learned_adapters.js';
import { appliedIn, type LearnedSwitch } from '../model/learned_switch.js';
import type { ModelChoice } from '../model/model_request.js';
import { make } from '../page/dom.js';
import { fileName } from './file_name.js';

export interface LearnedListEvents {
  /** The current model. */
  current(): ModelChoice | undefined;
  /** The user wants to write with an adapter that was switched on. */
  onWrite(): void;
  onError(error: unknown): void;
}

/** The list of adapters that were learned from choices: switched, renamed, downloaded and forgotten. */
export class LearnedList {
  readonly #adapters: LearnedAdapters;
  readonly #switch: LearnedSwitch;
  readonly #events: LearnedListEvents;
  readonly #list = make('ul', { class: 'choices', 'aria-label': 'Learned from my choices', tabindex: '-1' });
  readonly element = make('div', { hidden: true }, make('h3', {}, 'Learned so far'), this.#list);

  constructor(adapters: LearnedAdapters, learnedSwitch: LearnedSwitch, events: LearnedListEvents) {
    this.#adapters = adapters;
    this.#switch = learnedSwitch;
    this.#events = events;
    adapters.onChange(() => void this.refresh());
  }

  async refresh(): Promise<void> {
    const all = await this.#adapters.list();
    this.element.hidden = all.length === 0;
    this.#list.replaceChildren(...all.map((adapter) => this.#row(adapter)));
  }

  #row(adapter: LearnedAdapter): HTMLElement {
    const { id, name, base, about, model } = adapter;
    const request = this.#events.current();
    const isOwn = request !== undefined && modelKey(request) === model;
    const isOn = isOwn && appliedIn(request) === id;
    const toggle = this.#button(adapter, isOn ? 'Switch off' : 'Switch on', async () => {
      await this.#switch.set(isOn ? undefined : id);
      if (!isOn) this.#events.onWrite();
    });
    toggle.disabled = !isOwn;
    return make(
      'li',
      {},
      make('p', {}, make('b', {}, name), isOn ? ', switched on' : isOwn ? '' : `, for ${base}`),
      make('p', { class: 'meaning' }, about),
      make(
        'div',
        { class: 'row' },
        toggle,
        this.#button(adapter, 'Rename', () => this.#rename(adapter)),
        this.#button(adapter, 'Download', () => this.#download(adapter)),
        this.#button(adapter, 'Forget', () => this.#forget(adapter, isOn)),
      ),
    );
  }

  async #rename(adapter: LearnedAdapter): Promise<void> {
    const name = prompt('Name', adapter.name)?.trim();
    if (name) await this.#adapters.keep({ ...adapter, name });
  }

  async #download(adapter: LearnedAdapter): Promise<void> {
    const { zipOf } = await import('../model/zip.js');
    saveFile(await zipOf(fileName(adapter.name), adapter.files));
    this.#adapters.noteSaved(adapter.id);
  }

  async #forget({ id, name }: LearnedAdapter, isOn: boolean): Promise<void> {
    if (!confirm(`Delete ${name} permanently?`)) return;
    if (isOn) await this.#switch.set(undefined);
    await this.#adapters.remove(id);
    this.#list.focus();
  }

  #button({ name }: LearnedAdapter, label: string, act: () => Promise<void>): HTMLButtonElement {
    const attributes = { type: 'button', class: 'quiet', 'aria-label': `${label} ${name}` };
    const button = make('button', attributes, label);
    button.addEventListener('click', () => act().catch((error) => this.#events.onError(error)));
    return button;
  }
}
