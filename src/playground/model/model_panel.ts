import { Gpt2Error } from '../../base/errors.js';
import { humanBytes } from '../../base/human_bytes.js';
import { WEIGHT_FORMATS } from '../../dtypes/weight_formats.js';
import { cachedFiles, deleteCachedFiles } from '../../files/http/cached_files.js';
import { DEFAULT_ENDPOINT, parseHubId, repoUrl } from '../../files/hub/hub_url.js';
import { make } from '../page/dom.js';
import type { Adapter } from '../teach/protocol.js';
import { chosenFiles, type GivenFiles } from './given_files.js';
import type { Loaded, Wish } from './model_loader.js';
import type { TaughtModel, TaughtModels } from './taught_models.js';

/** The model of the package, where the site has it. */
const EMBEDDED = './models/stories/stories.gguf';
const HUB_FILE = /^\/([^/]+\/[^/]+)\/resolve\//;

export interface ModelPanelEvents {
  load(wish: Wish): void;
  /** The model at work. */
  loaded(): Loaded | undefined;
  /** Chosen files hold no model that can be told. */
  onError(error: unknown): void;
}

/** Says which model is wanted: the package's, one of the hub, files, a taught one, or an adapter for that at work. */
export class ModelPanel {
  readonly #weights = make(
    'select',
    { id: 'weights', 'aria-describedby': 'weights-meaning' },
    make('option', { value: '' }, 'as the model was made'),
    ...WEIGHT_FORMATS.map((format) =>
      make('option', { value: format }, `${format}: ${format.slice(1)} bits`),
    ),
  );
  readonly #id = make('input', {
    id: 'hub-id',
    type: 'text',
    placeholder: 'owner/name',
    spellcheck: 'false',
    autocapitalize: 'none',
    autocomplete: 'off',
    'aria-describedby': 'hub-meaning',
  });
  readonly #idProblem = make('p', { id: 'hub-problem', class: 'meaning wrong', role: 'alert' });
  readonly #kept = make('ul', { id: 'kept', class: 'kept', 'aria-label': 'Downloaded models' });
  readonly #taughtList = make('ul', { id: 'taught', class: 'kept', 'aria-label': 'Taught models' });
  readonly #taughtBox = make('div', { class: 'control', hidden: true });
  readonly #adapters = make('ul', { id: 'adapters', class: 'kept', 'aria-label': 'Adapters of this model' });
  readonly #events: ModelPanelEvents;
  readonly #taught: TaughtModels;

  constructor(panel: HTMLElement, taught: TaughtModels, events: ModelPanelEvents) {
    this.#events = events;
    this.#taught = taught;
    // Another tab may have taught or deleted one.
    panel.closest('details')?.addEventListener('toggle', () => void this.listKept());
    this.#taughtBox.append(make('p', { class: 'label' }, 'Taught in this browser'), this.#taughtList);
    const embedded = make('button', { type: 'button', id: 'embedded' }, 'stories, of the package');
    embedded.addEventListener('click', () => this.embedded());
    const hub = make(
      'form',
      { class: 'control' },
      make('label', { for: 'hub-id' }, 'From the Hugging Face hub'),
      make('div', { class: 'row' }, this.#id, make('button', { type: 'submit' }, 'Load')),
      make(
        'p',
        { id: 'hub-meaning', class: 'meaning' },
        'A public GPT-2 model, such as openai-community/gpt2.',
      ),
      this.#idProblem,
      this.#kept,
    );
    hub.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#hub(this.#id.value.trim());
    });
    panel.append(
      make(
        'div',
        { class: 'control' },
        make('label', { for: 'weights' }, 'Weights in memory'),
        this.#weights,
        make(
          'p',
          { id: 'weights-meaning', class: 'meaning' },
          'Fewer bits: less memory, faster, a little less exact. Taken with the next load. The model of the package was made for 4 bits, others for 32.',
        ),
      ),
      embedded,
      this.#taughtBox,
      hub,
      make(
        'div',
        { class: 'control' },
        make('p', { class: 'label' }, 'From this device'),
        make(
          'div',
          { class: 'row' },
          this.#picker('folder', 'Folder', { webkitdirectory: true }),
          this.#picker('file', 'File', { accept: '.gguf,.zip' }),
        ),
        make(
          'p',
          { class: 'meaning' },
          'A folder of a model, a .gguf or a .zip. Or drop it anywhere on the page.',
        ),
      ),
      make(
        'div',
        { class: 'control' },
        make('p', { class: 'label' }, 'LoRA adapters of this model'),
        this.#adapters,
        make(
          'div',
          { class: 'row' },
          this.#picker('adapter', 'Add a folder', { webkitdirectory: true }),
          this.#picker('adapter-file', 'Add a .zip', { accept: '.zip' }),
        ),
      ),
    );
  }

  embedded(): void {
    this.#want(EMBEDDED, 'stories');
  }

  /** Loads a model of files, or adds an adapter to the model at work. */
  files(given: GivenFiles): void {
    if (given.kind === 'model') this.#want(given.files, given.name);
    else this.#addAdapter(given.adapter);
  }

  /** Loads a model that was taught. */
  taught({ source, base, name, adapters }: Omit<Wish, 'weights'>): void {
    this.#load({ source, base, name, adapters });
  }

  /** Lists the models that the browser keeps: those of the hub, and those that were taught. */
  async listKept(): Promise<void> {
    await Promise.all([this.#listHub(), this.#listTaught()]);
  }

  /** Lists the adapters of the model at work. */
  listAdapters(): void {
    const adapters = this.#events.loaded()?.wish.adapters ?? [];
    this.#adapters.replaceChildren(...adapters.map((adapter) => this.#adapterRow(adapter)));
  }

  async #listTaught(): Promise<void> {
    const models = await this.#taught.list();
    this.#taughtBox.hidden = models.length === 0;
    this.#taughtList.replaceChildren(...models.map((model) => this.#taughtRow(model)));
  }

  #taughtRow(model: TaughtModel): HTMLElement {
    const { id, name, byteLength } = model;
    return keptRow(name, byteLength, {
      load: () => this.taught(model),
      remove: async () => {
        if (!confirm(`Delete ${name} for good?`)) return;
        await this.#taught.remove(id);
        await this.#listTaught();
        document.getElementById('embedded')?.focus();
      },
    });
  }

  #adapterRow(adapter: Adapter): HTMLElement {
    const remove = make(
      'button',
      { type: 'button', class: 'quiet', 'aria-label': `Remove ${adapter.name}` },
      'Remove',
    );
    remove.addEventListener('click', () => {
      const loaded = this.#events.loaded();
      if (loaded !== undefined) this.#withAdapters(loaded.wish, without(loaded.wish.adapters, adapter));
      // This row goes.
      this.#adapters.parentElement?.querySelector<HTMLElement>('.row button')?.focus();
    });
    return make('li', {}, make('span', {}, adapter.name), remove);
  }

  #addAdapter(adapter: Adapter): void {
    const wish = this.#events.loaded()?.wish;
    if (wish !== undefined) this.#withAdapters(wish, [...wish.adapters, adapter]);
    else {
      const problem = `${adapter.name} is an adapter; it is added to a model, and none is loaded`;
      this.#events.onError(new Gpt2Error('not-found', problem));
    }
  }

  #withAdapters(wish: Wish, adapters: readonly Adapter[]): void {
    const names = adapters.map(({ name }) => name).join(', ');
    const name = names === '' ? wish.base : `${wish.base} with ${names}`;
    this.#events.load({ ...wish, name, adapters });
  }

  async #listHub(): Promise<void> {
    const sizes = new Map<string, number>();
    for (const { url, byteLength } of await cachedFiles()) {
      const { origin, pathname } = new URL(url);
      const repo = origin === DEFAULT_ENDPOINT ? HUB_FILE.exec(pathname)?.[1] : undefined;
      if (repo !== undefined) sizes.set(repo, (sizes.get(repo) ?? 0) + byteLength);
    }
    this.#kept.replaceChildren(...[...sizes].map(([repo, size]) => this.#hubRow(repo, size)));
  }

  #hubRow(repo: string, size: number): HTMLElement {
    return keptRow(repo, size, {
      load: () => this.#hub(repo),
      remove: async () => {
        await deleteCachedFiles(`${repoUrl(DEFAULT_ENDPOINT, repo)}/`);
        await this.#listHub();
        this.#id.focus();
      },
    });
  }

  #hub(id: string): void {
    const isId = parseHubId(id) !== undefined;
    this.#idProblem.textContent = isId ? '' : 'An id is owner/name, or owner/name:file.gguf.';
    this.#id.setAttribute('aria-invalid', String(!isId));
    if (isId) this.#want(id, id);
    else this.#id.focus();
  }

  #want(source: Wish['source'], name: string): void {
    this.#load({ source, base: name, name, adapters: [] });
  }

  #load(wish: Omit<Wish, 'weights'>): void {
    const weights = WEIGHT_FORMATS.find((format) => format === this.#weights.value);
    this.#events.load({ ...wish, weights });
  }

  /** A button that opens the system's choice of files. */
  #picker(id: string, label: string, attributes: Record<string, string | boolean>): HTMLElement {
    const input = make('input', {
      id,
      type: 'file',
      class: 'hidden',
      tabindex: '-1',
      'aria-label': label,
      ...attributes,
    });
    const button = make('button', { type: 'button' }, label);
    button.addEventListener('click', () => input.click());
    input.addEventListener('change', async () => {
      const files = [...(input.files ?? [])];
      input.value = '';
      try {
        const given = await chosenFiles(files);
        if (given !== undefined) this.files(given);
      } catch (error) {
        this.#events.onError(error);
      }
    });
    return make('span', {}, button, input);
  }
}

const without = (adapters: readonly Adapter[], one: Adapter) => adapters.filter((other) => other !== one);

/** A row of a list of kept models: loads it, says its size, deletes it. */
function keptRow(
  name: string,
  byteLength: number,
  { load, remove }: { load: () => void; remove: () => void },
): HTMLElement {
  const loading = make('button', { type: 'button', class: 'quiet' }, name);
  loading.addEventListener('click', load);
  const deleting = make(
    'button',
    { type: 'button', class: 'quiet', 'aria-label': `Delete ${name}` },
    'Delete',
  );
  deleting.addEventListener('click', remove);
  return make('li', {}, loading, make('span', {}, humanBytes(byteLength)), deleting);
}
