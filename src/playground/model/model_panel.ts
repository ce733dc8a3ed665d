import { make } from '../page/dom.js';
import { AdapterList } from './adapter_list.js';
import type { GivenFiles } from './given_files.js';
import { givenPicker } from './given_picker.js';
import { HubModels } from './hub_models.js';
import type { ModelChoice, ModelRequest } from './model_request.js';
import { TaughtList } from './taught_list.js';
import type { TaughtModels } from './taught_models.js';
import { WeightsChoice } from './weights_choice.js';

/** Address of the model of the package in the site. */
const EMBEDDED = './models/stories/stories.gguf';

export interface ModelPanelEvents {
  onLoad(request: ModelRequest): void;
  /** Request of the current model. */
  current(): ModelRequest | undefined;
  /** The chosen files could not be read, or hold no model that is recognized. */
  onError(error: unknown): void;
}

/**
 * The panel to choose a model: that of the package, one on the hub, files, a taught one; and adapters to add.
 */
export class ModelPanel {
  readonly #events: ModelPanelEvents;
  readonly #weights = new WeightsChoice();
  readonly #hub: HubModels;
  readonly #taught: TaughtList;
  readonly #adapters: AdapterList;

  constructor(panel: HTMLElement, taught: TaughtModels, events: ModelPanelEvents) {
    this.#events = events;
    this.#hub = new HubModels((id) => this.#load(id, id), events.onError);
    this.#taught = new TaughtList(taught, (model) => this.loadChoice(model), events.onError);
    this.#adapters = new AdapterList({
      current: events.current,
      onChange: (request) => events.onLoad(request),
    });
    // Another tab may have stored or deleted a model.
    panel.closest('details')?.addEventListener('toggle', () => void this.refreshStored());
    const embedded = make('button', { type: 'button', id: 'embedded' }, 'stories, of the package');
    embedded.addEventListener('click', () => this.loadEmbedded());
    panel.append(
      this.#weights.element,
      embedded,
      this.#taught.element,
      this.#hub.element,
      this.#filesControl(),
      this.#adaptersControl(),
    );
  }

  loadEmbedded(): void {
    this.#load(EMBEDDED, 'stories');
  }

  /** Loads a model from files, or adds an adapter to the current model. */
  loadFiles(given: GivenFiles): void {
    if (given.kind === 'model') this.#load(given.files, given.name);
    else this.#adapters.add(given.adapter);
  }

  loadChoice({ source, base, name, adapters }: ModelChoice): void {
    this.#events.onLoad({ source, base, name, adapters, weights: this.#weights.format });
  }

  /** Lists the models that the browser stores: downloaded and taught ones. */
  async refreshStored(): Promise<void> {
    await Promise.all([this.#hub.refresh(), this.#taught.refresh()]);
  }

  /** Lists the adapters of the current model. */
  refreshAdapters(): void {
    this.#adapters.refresh();
  }

  #load(source: ModelRequest['source'], name: string): void {
    this.loadChoice({ source, base: name, name, adapters: [] });
  }

  #filesControl(): HTMLElement {
    return make(
      'div',
      { class: 'control' },
      make('p', { class: 'label' }, 'From this device'),
      make(
        'div',
        { class: 'row' },
        this.#picker('folder', 'Folder', { webkitdirectory: true }),
        this.#picker('file', 'File', { accept: '.gguf,.bin,.pt,.pth,.ckpt,.zip' }),
      ),
      make(
        'p',
        { class: 'meaning' },
        'The folder of a model, a .gguf file, ckpt.pt of nanoGPT or a .zip file. You can also drop it anywhere on the page.',
      ),
    );
  }

  #adaptersControl(): HTMLElement {
    return make(
      'div',
      { class: 'control' },
      make('p', { class: 'label' }, 'LoRA adapters of this model'),
      this.#adapters.element,
      make(
        'div',
        { class: 'row' },
        this.#picker('adapter', 'Add a folder', { webkitdirectory: true }),
        this.#picker('adapter-file', 'Add a .zip', { accept: '.zip' }),
      ),
    );
  }

  /** A button to choose files, which may be a model or an adapter. */
  #picker(id: string, label: string, attributes: Readonly<Record<string, string | boolean>>): HTMLElement {
    return givenPicker(id, label, attributes, {
      onFiles: (given) => this.loadFiles(given),
      onError: (error) => this.#events.onError(error),
    });
  }
}
