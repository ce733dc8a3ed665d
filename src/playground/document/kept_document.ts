import { keep, readKept } from '../page/local_storage.js';

const KEY = 'gpt2-wasm-text';
/** The browser is given the text so long after a change, so that typing does not wait for it. */
const KEEP_AFTER_MS = 300;

/** Keeps the text in the browser. A tab has its own, also if it is loaded again; a new tab gets the latest of all. */
export class KeptDocument {
  readonly #text: () => string;
  readonly #onKept: (isKept: boolean) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isKept = true;
  /** The text that the browser has. */
  #last: string | undefined;

  /** `onKept` is told whether the browser keeps the present text. */
  constructor(text: () => string, onKept: (isKept: boolean) => void) {
    this.#text = text;
    this.#onKept = onKept;
    const now = () => this.#timer !== undefined && this.#keep();
    addEventListener('pagehide', now);
    document.addEventListener('visibilitychange', () => document.hidden && now());
  }

  /** The text that was kept. */
  read(): string {
    try {
      this.#last = sessionStorage.getItem(KEY) ?? readKept(KEY);
    } catch {}
    return this.#last ?? '';
  }

  /** Keeps the present text soon. */
  keepSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), KEEP_AFTER_MS);
  }

  /** Keeps the present text; false if the browser does not. */
  keepNow(): boolean {
    this.#keep();
    return this.#isKept;
  }

  #keep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#text();
    if (text !== this.#last) {
      // The text of a closed tab is found in the storage that all tabs share.
      this.#isKept = keep(KEY, text);
      try {
        sessionStorage.setItem(KEY, text);
      } catch {}
      this.#last = this.#isKept ? text : undefined;
    }
    this.#onKept(this.#isKept);
  }
}
