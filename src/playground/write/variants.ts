import { Gpt2Error } from '../../base/errors.js';
import { byId, make } from '../page/dom.js';

export interface VariantsEvents {
  /** The texts of another continuation as it grows. */
  write(index: number, signal: AbortSignal): AsyncIterable<string>;
  /** All continuations are written. */
  onReady(texts: readonly string[]): void;
  /** The user has chosen one of different texts. */
  onChoose(text: string, others: readonly string[]): void;
  onError(error: unknown): void;
}

/** Continuations that are written beside the current one. */
const OTHERS = 2;

/** The current continuation beside others of the same beginning, one of which the user chooses. */
export class Variants {
  readonly #box = byId('variants', HTMLElement);
  readonly #list = byId('variants-list', HTMLElement);
  readonly #events: VariantsEvents;
  #controller: AbortController | undefined;

  constructor(events: VariantsEvents) {
    this.#events = events;
    byId('variants-close', HTMLButtonElement).addEventListener('click', () => this.close());
    document.addEventListener('keydown', ({ key }) => key === 'Escape' && this.close());
  }

  /** Shows the current continuation, and writes others. */
  async open(current: string): Promise<void> {
    this.close();
    const controller = new AbortController();
    this.#controller = controller;
    const others = Array.from({ length: OTHERS }, (_, i) => i);
    const places = [current, ...others.map(() => '')].map((text, i) => variant(text, i));
    this.#list.replaceChildren(...places.map(({ row }) => row));
    this.#box.hidden = false;
    this.#box.focus({ preventScroll: true });
    try {
      const { signal } = controller;
      const written = await Promise.all(
        others.map(async (i) => {
          let text = '';
          for await (text of this.#events.write(i, signal)) {
            if (signal.aborted) break;
            places[i + 1]!.text.textContent = text;
          }
          return text;
        }),
      );
      if (signal.aborted) return;
      this.#offer([current, ...written], places);
    } catch (error) {
      if (controller.signal.aborted) return;
      this.close();
      if (!(error instanceof Gpt2Error && error.code === 'disposed')) this.#events.onError(error);
    }
  }

  /** Closes it without a choice, and stops the writing. */
  close(): void {
    this.#controller?.abort();
    this.#controller = undefined;
    const hadFocus = this.#box.contains(document.activeElement);
    this.#box.hidden = true;
    if (hadFocus) byId('text', HTMLElement).focus();
  }

  #offer(texts: readonly string[], places: readonly Place[]): void {
    for (const [i, { row, button }] of places.entries()) {
      const text = texts[i]!;
      // An equal text is no alternative.
      row.hidden = text === '' || texts.indexOf(text) !== i;
      button.disabled = false;
      button.addEventListener('click', () => {
        this.close();
        const others = new Set(texts.filter((other) => other !== text && other !== ''));
        this.#events.onChoose(text, [...others]);
      });
    }
    const offered = texts.filter((_, i) => !places[i]!.row.hidden);
    if (offered.length < 2) this.close();
    else if (this.#box.contains(document.activeElement)) places[0]!.button.focus({ preventScroll: true });
    this.#events.onReady(offered);
  }
}

interface Place {
  readonly row: HTMLElement;
  readonly text: HTMLElement;
  readonly button: HTMLButtonElement;
}

function variant(content: string, index: number): Place {
  const id = `variant-${index + 1}`;
  // The text can be scrolled with the keys if it is long.
  const text = make('p', { id, class: 'sample', dir: 'auto', tabindex: '0' }, content);
  const button = make(
    'button',
    { type: 'button', disabled: true, 'aria-describedby': id },
    index === 0 ? 'Keep this one' : `Take number ${index + 1}`,
  );
  return { row: make('li', {}, text, button), text, button };
}
