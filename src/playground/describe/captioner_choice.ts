import { WEIGHT_FORMATS, type WeightFormat } from '../../dtypes/weight_formats.js';
import { parseHubId } from '../../files/hub/hub_url.js';
import type { ModelFiles } from '../../files/model_files.js';
import { part } from '../examine/part.js';
import type { GivenFiles } from '../model/given_files.js';
import { givenPicker } from '../model/given_picker.js';
import { make } from '../page/dom.js';

/** Address of the captioner that comes with the page. */
export const EMBEDDED = './models/captions/';

/** A captioner to load. */
export interface CaptionerRequest {
  readonly name: string;
  readonly source: string | ModelFiles;
  /** Format of the weights in memory. */
  readonly weights: WeightFormat;
}

export interface CaptionerChoiceEvents {
  onLoad(request: CaptionerRequest): void;
  /** The chosen files could not be read. */
  onError(error: unknown): void;
}

/** The part of the view to choose a captioner: that of the page, one on the hub, or files. */
export class CaptionerChoice {
  readonly element: HTMLDetailsElement;
  readonly #events: CaptionerChoiceEvents;
  readonly #name = make('span', {}, 'none yet');
  readonly #id = make('input', {
    ...{
      id: 'captioner-id',
      type: 'text',
      placeholder: 'owner/name',
      'aria-describedby': 'captioner-meaning',
    },
    ...{ spellcheck: 'false', autocapitalize: 'none', autocomplete: 'off' },
  });
  readonly #problem = make('p', { class: 'meaning wrong', role: 'alert' });
  readonly #weights = make(
    'select',
    { id: 'captioner-weights' },
    ...WEIGHT_FORMATS.map((format) =>
      make('option', { value: format, selected: format === 'q8' }, `${format}: ${format.slice(1)} bits`),
    ),
  );

  constructor(events: CaptionerChoiceEvents) {
    this.#events = events;
    this.element = part(
      '',
      make('div', { class: 'settings' }, this.#embedded(), this.#hub(), this.#files(), this.#format()),
    );
    this.element.querySelector('summary')!.append('Captioner: ', this.#name);
    this.element.classList.add('captioner');
    this.element.open = true;
  }

  /** Loads the captioner that comes with the page. */
  loadEmbedded(): void {
    this.#load('drawings', EMBEDDED);
  }

  /** Loads the captioner in files. */
  loadFiles(given: GivenFiles): void {
    if (given.kind === 'model') this.#load(given.name, given.files);
    else this.#load(given.adapter.name, given.adapter.files);
  }

  /** Shows which captioner is loaded. */
  show(name: string): void {
    this.#name.textContent = name;
    this.element.open = false;
  }

  #load(name: string, source: CaptionerRequest['source']): void {
    const weights = WEIGHT_FORMATS.find((format) => format === this.#weights.value)!;
    this.#events.onLoad({ name, source, weights });
  }

  #embedded(): HTMLElement {
    const load = make('button', { type: 'button', 'aria-describedby': 'drawings-meaning' }, 'drawings');
    load.addEventListener('click', () => this.loadEmbedded());
    const meaning =
      'Knows circles, squares, triangles and stars in six colours, up to four of a kind, and nothing else. Has 2 MB.';
    return make(
      'div',
      { class: 'control' },
      make('p', { class: 'label' }, 'With this page'),
      make('div', { class: 'row' }, load),
      make('p', { id: 'drawings-meaning', class: 'meaning' }, meaning),
    );
  }

  #hub(): HTMLElement {
    const form = make(
      'form',
      { class: 'control' },
      make('label', { for: 'captioner-id' }, 'From the Hugging Face hub'),
      make('div', { class: 'row' }, this.#id, make('button', { type: 'submit' }, 'Load')),
      make(
        'p',
        { id: 'captioner-meaning', class: 'meaning' },
        'A model that describes images, such as nlpconnect/vit-gpt2-image-captioning, which has 980 MB.',
      ),
      this.#problem,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const id = this.#id.value.trim();
      const isId = parseHubId(id) !== undefined;
      this.#problem.textContent = isId ? '' : 'An id is owner/name.';
      this.#id.setAttribute('aria-invalid', String(!isId));
      if (isId) this.#load(id, id);
      else this.#id.focus();
    });
    return form;
  }

  #files(): HTMLElement {
    return make(
      'div',
      { class: 'control' },
      make('p', { class: 'label' }, 'From this device'),
      make(
        'div',
        { class: 'row' },
        this.#picker('captioner-folder', 'Folder', { webkitdirectory: true }),
        this.#picker('captioner-file', 'File', { accept: '.zip' }),
      ),
      make(
        'p',
        { class: 'meaning' },
        'The folder of a captioner, or a .zip file of it. You can also drop it here.',
      ),
    );
  }

  #format(): HTMLElement {
    return make(
      'div',
      { class: 'control' },
      make('label', { for: 'captioner-weights' }, 'Its weights in memory'),
      this.#weights,
      make('p', { class: 'meaning' }, 'Takes effect when it is loaded.'),
    );
  }

  #picker(id: string, label: string, attributes: Readonly<Record<string, string | boolean>>): HTMLElement {
    return givenPicker(id, label, attributes, {
      onFiles: (given) => this.loadFiles(given),
      onError: (error) => this.#events.onError(error),
    });
  }
}
