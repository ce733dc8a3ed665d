import { cachedFiles, deleteCachedFiles } from '../../files/http/cached_files.js';
import { DEFAULT_ENDPOINT, parseHubId, repoUrl } from '../../files/hub/hub_url.js';
import { make } from '../page/dom.js';
import { storedRow } from './stored_row.js';

/** Path of a file on the hub: the repository, then /resolve/. */
const HUB_FILE = /^\/([^/]+\/[^/]+)\/resolve\//;

/** A form for the id of a model on the hub, and the list of models that the browser has downloaded. */
export class HubModels {
  readonly #onLoad: (id: string) => void;
  readonly #onError: (error: unknown) => void;
  readonly #id = make('input', {
    id: 'hub-id',
    type: 'text',
    placeholder: 'owner/name',
    spellcheck: 'false',
    autocapitalize: 'none',
    autocomplete: 'off',
    'aria-describedby': 'hub-meaning',
  });
  readonly #problem = make('p', { id: 'hub-problem', class: 'meaning wrong', role: 'alert' });
  readonly #list = make('ul', { id: 'kept', class: 'kept', 'aria-label': 'Downloaded models' });
  readonly element = make(
    'form',
    { class: 'control' },
    make('label', { for: 'hub-id' }, 'From the Hugging Face hub'),
    make('div', { class: 'row' }, this.#id, make('button', { type: 'submit' }, 'Load')),
    make(
      'p',
      { id: 'hub-meaning', class: 'meaning' },
      'A public GPT-2 model, such as openai-community/gpt2.',
    ),
    this.#problem,
    this.#list,
  );

  /** `onError`: a model could not be deleted. */
  constructor(onLoad: (id: string) => void, onError: (error: unknown) => void) {
    this.#onLoad = onLoad;
    this.#onError = onError;
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#load(this.#id.value.trim());
    });
  }

  /** Shows the downloaded models. */
  async refresh(): Promise<void> {
    const sizes = new Map<string, number>();
    for (const { url, byteLength } of await cachedFiles()) {
      const { origin, pathname } = new URL(url);
      const repo = origin === DEFAULT_ENDPOINT ? HUB_FILE.exec(pathname)?.[1] : undefined;
      if (repo !== undefined) sizes.set(repo, (sizes.get(repo) ?? 0) + byteLength);
    }
    this.#list.replaceChildren(...[...sizes].map(([repo, size]) => this.#row(repo, size)));
  }

  #row(repo: string, size: number): HTMLElement {
    return storedRow(repo, size, {
      onLoad: () => this.#load(repo),
      onError: this.#onError,
      onDelete: async () => {
        await deleteCachedFiles(`${repoUrl(DEFAULT_ENDPOINT, repo)}/`);
        await this.refresh();
        this.#id.focus();
      },
    });
  }

  #load(id: string): void {
    const isId = parseHubId(id) !== undefined;
    this.#problem.textContent = isId ? '' : 'An id is owner/name, or owner/name:file.gguf.';
    this.#id.setAttribute('aria-invalid', String(!isId));
    if (isId) this.#onLoad(id);
    else this.#id.focus();
  }
}
