import { keep, readKept } from '../page/local_storage.js';
import { withLineFeeds } from './tokenized_text.js';

const KEY = 'gpt2-wasm-text';
/** Delay after a change before the text is stored, so that typing does not wait for it. */
const KEEP_AFTER_MS = 300;

/**
 * Stores the text in the browser. A tab keeps its own text when it is reloaded; a new tab gets the latest of
 * all tabs.
 */
export class KeptDocument {
  readonly #text: () => string;
  readonly #onKept: (isKept: boolean) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isKept = true;
  /** Text that is stored. */
  #last: string | undefined;

  /** `onKept` is called with whether the browser has stored the current text. */
  constructor(text: () => string, onKept: (isKept: boolean) => void) {
    this.#text = text;
    this.#onKept = onKept;
    const now = () => this.#timer !== undefined && this.#keep();
    addEventListener('pagehide', now);
    document.addEventListener('visibilitychange', () => document.hidden && now());
  }

  /** The stored text; '' if there is none. */
  read(): string {
    try {
      this.#last = sessionStorage.getItem(KEY) ?? readKept(KEY);
    } catch {}
    return withLineFeeds(this.#last ?? '');
  }

  /** Stores the current text soon. */
  keepSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), KEEP_AFTER_MS);
  }

  /** Stores the current text at once. Gives false if the browser does not store it. */
  keepNow(): boolean {
    this.#keep();
    return this.#isKept;
  }

  #keep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#text();
    if (text !== this.#last) {
      // localStorage is shared by all tabs and outlives them; sessionStorage belongs to this tab.
      this.#isKept = keep(KEY, text);
      this.#keepInTab(text);
      this.#last = this.#isKept ? text : undefined;
    }
    this.#onKept(this.#isKept);
  }

  #keepInTab(text: string): void {
    try {
      // If there is no room for the text, the older one stays: a reload must not take it in place of the shared one.
      if (this.#isKept) sessionStorage.removeItem(KEY);
      sessionStorage.setItem(KEY, text);
    } catch {}
  }
}
