import { Gpt2Error, type Gpt2ErrorCode } from '../errors.js';
import { humanBytes } from '../human_bytes.js';
import type { LoadProgress } from '../weights/load.js';
import type { DownloadProgress } from '../weights/source.js';
import { byId } from './dom.js';

const percentText = (loaded: number, total: number) => `${Math.floor((100 * loaded) / Math.max(1, total))} %`;

/** Says how far the loading of a model is. */
export class Loading {
  readonly #box = byId('loading', HTMLElement);
  readonly #text = byId('loading-text', HTMLElement);
  readonly #bar = byId('loading-bar', HTMLProgressElement);

  constructor(cancel: () => void) {
    byId('loading-cancel', HTMLButtonElement).addEventListener('click', cancel);
  }

  begin(name: string): void {
    this.#text.textContent = `Looking for ${name}`;
    this.#bar.removeAttribute('value');
    this.#box.hidden = false;
  }

  download({ file, loaded, total, cached }: DownloadProgress): void {
    const kept = cached > 0 ? `, ${humanBytes(cached)} were here` : '';
    this.#show(`Downloading ${file}: ${humanBytes(loaded)} of ${humanBytes(total)}${kept}`, loaded, total);
  }

  read({ loaded, total }: LoadProgress): void {
    this.#show(`Reading weights: ${humanBytes(loaded)} of ${humanBytes(total)}`, loaded, total);
  }

  end(): void {
    this.#box.hidden = true;
  }

  #show(text: string, loaded: number, total: number): void {
    this.#text.textContent = `${text} (${percentText(loaded, total)})`;
    this.#bar.value = total > 0 ? loaded / total : 0;
  }
}

/** What helps, by the code of an error. */
const ADVICE: Readonly<Record<Gpt2ErrorCode, string>> = {
  'invalid-option': 'Change the value that is named.',
  'not-found': 'Check the name. Private models and those behind a form cannot be loaded in a page.',
  'invalid-file': 'The files may be incomplete: download them again.',
  unsupported:
    'This model is not of GPT-2\u2019s kind, or asks for something beyond it. Another one may run.',
  'out-of-memory': 'Take weights with fewer bits, a smaller model, or close other pages.',
  'context-full': 'Shorten the text, or turn on \u201CGo on where the context is full\u201D under More.',
  aborted: '',
  disposed: 'Load the model again.',
  network: 'Look at the connection and try again. Models that were loaded before need none.',
  runtime: 'A current browser has what is needed: WebAssembly with SIMD, and module workers.',
};

/** Says what went wrong, and what to do. */
export class Problem {
  readonly #box = byId('problem', HTMLElement);
  readonly #text = byId('problem-text', HTMLElement);
  readonly #advice = byId('problem-advice', HTMLElement);
  readonly #retry = byId('problem-retry', HTMLButtonElement);
  readonly #embedded = byId('problem-embedded', HTMLButtonElement);

  constructor({ retry, embedded }: { retry: () => void; embedded: () => void }) {
    this.#retry.addEventListener('click', retry);
    this.#embedded.addEventListener('click', embedded);
    byId('problem-close', HTMLButtonElement).addEventListener('click', () => this.clear());
  }

  /** `hasModel`: the model is loaded and stays. */
  show(error: unknown, hasModel: boolean): void {
    this.#text.textContent = error instanceof Error ? error.message : String(error);
    this.#advice.textContent = error instanceof Gpt2Error ? ADVICE[error.code] : '';
    this.#retry.hidden = hasModel;
    this.#embedded.hidden = hasModel;
    this.#box.hidden = false;
  }

  clear(): void {
    this.#box.hidden = true;
  }
}
