import { WEIGHT_FORMATS } from '../core/layout.js';
import { cachedFiles, deleteCachedFiles } from '../http/cached_files.js';
import { DEFAULT_ENDPOINT, parseHubId, repoUrl } from '../hub/hub_url.js';
import { humanBytes } from '../human_bytes.js';
import { make } from './dom.js';
import { type GivenFiles, givenFiles } from './dropped_files.js';
import type { Wish } from './model_loader.js';
import type { Adapter } from './teach/protocol.js';

/** The model of the package, where the site has it. */
const EMBEDDED = './models/stories/stories.gguf';
const HUB_FILE = /^\/([^/]+\/[^/]+)\/resolve\//;

/** Says which model is wanted: the package's, one of the hub, or files. */
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
  readonly #kept = make('ul', { id: 'kept', 'aria-label': 'Downloaded models' });
  readonly #load: (wish: Wish) => void;

  constructor(panel: HTMLElement, load: (wish: Wish) => void) {
    this.#load = load;
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
      hub,
      make(
        'div',
        { class: 'control' },
        make('p', { class: 'label' }, 'From this device'),
        make(
          'div',
          { class: 'row' },
          this.#picker('folder', 'Folder', { webkitdirectory: true }),
          this.#picker('file', '.gguf file', { accept: '.gguf' }),
        ),
        make('p', { class: 'meaning' }, 'Or drop them anywhere on the page.'),
      ),
    );
  }

  embedded(): void {
    this.want(EMBEDDED, 'stories');
  }

  files({ files, name }: GivenFiles): void {
    this.want(files, name);
  }

  /** Lists the models of the hub that the browser keeps. */
  async listKept(): Promise<void> {
    const sizes = new Map<string, number>();
    for (const { url, byteLength } of await cachedFiles()) {
      const { origin, pathname } = new URL(url);
      const repo = origin === DEFAULT_ENDPOINT ? HUB_FILE.exec(pathname)?.[1] : undefined;
      if (repo !== undefined) sizes.set(repo, (sizes.get(repo) ?? 0) + byteLength);
    }
    this.#kept.replaceChildren(...[...sizes].map(([repo, size]) => this.#keptRow(repo, size)));
  }

  #keptRow(repo: string, size: number): HTMLElement {
    const load = make('button', { type: 'button', class: 'quiet' }, repo);
    load.addEventListener('click', () => this.#hub(repo));
    const remove = make(
      'button',
      { type: 'button', class: 'quiet', 'aria-label': `Delete ${repo}` },
      'Delete',
    );
    remove.addEventListener('click', async () => {
      await deleteCachedFiles(`${repoUrl(DEFAULT_ENDPOINT, repo)}/`);
      await this.listKept();
      this.#id.focus();
    });
    return make('li', {}, load, make('span', {}, humanBytes(size)), remove);
  }

  #hub(id: string): void {
    const isId = parseHubId(id) !== undefined;
    this.#idProblem.textContent = isId ? '' : 'An id is owner/name, or owner/name:file.gguf.';
    this.#id.setAttribute('aria-invalid', String(!isId));
    if (isId) this.want(id, id);
    else this.#id.focus();
  }

  /** Asks for a model, with what is to be added to it. */
  want(source: Wish['source'], name: string, adapters: readonly Adapter[] = []): void {
    const weights = WEIGHT_FORMATS.find((format) => format === this.#weights.value);
    this.#load({ source, name, adapters, weights });
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
    input.addEventListener('change', () => {
      const given = givenFiles(input.files ?? []);
      input.value = '';
      if (given !== undefined) this.files(given);
    });
    return make('span', {}, button, input);
  }
}
