import type { TopToken } from '../../generate/completion.js';
import { byId, make } from '../page/dom.js';
import type { Editor } from './editor.js';

/** A token whose alternatives can be shown. */
export interface ReplaceableToken {
  readonly text: string;
  readonly id: number;
  readonly logprob: number | undefined;
}

export interface AlternativesEvents {
  /** The token at an index; `undefined` if there is none, or during a generation. */
  token(index: number): ReplaceableToken | undefined;
  /** The likeliest tokens at its place, or the reason why there are none. */
  top(index: number): Promise<readonly TopToken[] | string>;
  /** Whether a token can replace the one at an index. */
  canChoose(index: number, token: TopToken): boolean;
  /** A sentence that says what choosing does. */
  hint(index: number): string;
  choose(index: number, token: TopToken): void;
}

/** Time that the pointer rests on a token before its alternatives open. */
const OPEN_AFTER_MS = 350;

/** A probability in percent, with two digits below 10 %. */
export function percent(logprob: number): string {
  const share = 100 * Math.exp(logprob);
  if (share < 0.01) return '< 0.01 %';
  return `${share >= 10 ? share.toFixed(0) : Number(share.toPrecision(2))} %`;
}

/** Signs for white space, with their names for screen readers. */
const SIGNS: Readonly<Record<string, readonly [sign: string, name: string]>> = {
  '\n': ['\u21B5', 'new line'],
  '\t': ['\u21E5', 'tab'],
  ' ': ['\u00B7', 'space'],
};

/** A token's text with visible signs for white space. Screen readers do not read the space before a word. */
function visible(text: string): HTMLElement {
  const isWord = text.trim() !== '';
  const parts = [...text].flatMap((character): (HTMLElement | string)[] => {
    const sign = SIGNS[character];
    if (sign === undefined) return [character];
    const shown = make('span', { 'aria-hidden': 'true' }, sign[0]);
    return isWord && character === ' ' ? [shown] : [shown, make('span', { class: 'hidden' }, `${sign[1]} `)];
  });
  return make('span', { class: 'token', dir: 'auto' }, ...parts);
}

/**
 * The alternatives of a token, below the text. They open while the pointer rests on the token, unless that is
 * switched off, and with the keyboard, which then moves the focus to them.
 */
export class Alternatives {
  readonly #box = byId('alternatives', HTMLElement);
  readonly #title = byId('alternatives-title', HTMLElement);
  readonly #list = byId('alternatives-list', HTMLElement);
  readonly #hint = byId('alternatives-hint', HTMLElement);
  readonly #hover = byId('hover', HTMLInputElement);
  readonly #editor: Editor;
  readonly #events: AlternativesEvents;
  #index: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(editor: Editor, events: AlternativesEvents) {
    this.#editor = editor;
    this.#events = events;
    const { area } = editor;
    let [lastX, lastY] = [-1, -1];
    document.addEventListener('pointermove', ({ target, clientX, clientY, pointerType, buttons }) => {
      // Browsers also send this event if the page scrolls below a resting pointer.
      if (clientX === lastX && clientY === lastY) return;
      [lastX, lastY] = [clientX, clientY];
      clearTimeout(this.#timer);
      if (target !== area || !this.#hover.checked || pointerType === 'touch' || buttons !== 0) return;
      this.#timer = setTimeout(() => {
        const index = editor.indexAt(clientX, clientY);
        if (index !== undefined && index !== this.#index) void this.open(index);
      }, OPEN_AFTER_MS);
    });
    area.addEventListener('pointerleave', () => clearTimeout(this.#timer));
    area.addEventListener('pointerdown', () => clearTimeout(this.#timer));
    this.#hover.addEventListener('change', () => !this.#hover.checked && this.close());
    byId('alternatives-close', HTMLButtonElement).addEventListener('click', () => this.close());
    this.#box.addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('keydown', ({ key }) => key === 'Escape' && this.close());
  }

  /** Opens the alternatives of a token, and with `focus` moves the focus to them. */
  async open(index: number, focus = false): Promise<void> {
    clearTimeout(this.#timer);
    const token = this.#events.token(index);
    if (token === undefined) return this.close();
    this.#index = index;
    this.#editor.mark(index);
    // The button with the focus is about to be removed.
    if (!this.#box.hidden && focus) this.#box.focus();
    const chance = token.logprob === undefined ? '' : percent(token.logprob);
    this.#title.replaceChildren(make('b', {}, visible(token.text)), ' ', make('span', {}, chance));
    this.#list.replaceChildren();
    this.#hint.textContent = 'Asking the model \u2026';
    this.#box.hidden = false;
    if (focus) this.#box.focus({ preventScroll: true });
    const top = await this.#events.top(index);
    if (this.#index !== index) return;
    if (typeof top === 'string') this.#hint.textContent = top;
    else {
      this.#list.replaceChildren(...top.map((other) => this.#row(index, token, other)));
      this.#hint.textContent = this.#events.hint(index);
    }
    this.#editor.reveal(this.#editor.rangeOf(index).to);
    if (focus)
      this.#box.querySelector<HTMLElement>('li button:not(:disabled)')?.focus({ preventScroll: true });
  }

  close(): void {
    clearTimeout(this.#timer);
    if (this.#index === undefined) return;
    this.#index = undefined;
    const hadFocus = this.#box.contains(document.activeElement);
    this.#box.hidden = true;
    this.#editor.mark(undefined);
    if (hadFocus) this.#editor.area.focus();
  }

  #row(index: number, { id }: ReplaceableToken, token: TopToken): HTMLElement {
    const isOwn = token.id === id;
    const button = make(
      'button',
      {
        type: 'button',
        disabled: isOwn || !this.#events.canChoose(index, token),
        'aria-current': isOwn ? 'true' : 'false',
      },
      visible(token.text),
      ' ',
      make('span', { class: 'chance' }, percent(token.logprob)),
    );
    button.style.setProperty('--share', String(Math.exp(token.logprob)));
    button.addEventListener('click', () => {
      this.close();
      this.#events.choose(index, token);
    });
    return make('li', {}, button);
  }

  #key(event: KeyboardEvent): void {
    const neighbour = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (neighbour === undefined && step === undefined) return;
    event.preventDefault();
    if (step === undefined) {
      let index = this.#index!;
      do index += neighbour!;
      while (this.#events.token(index)?.text === '');
      if (this.#events.token(index) !== undefined) void this.open(index, true);
      return;
    }
    const buttons = [...this.#list.querySelectorAll<HTMLElement>('button:not(:disabled)')];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    buttons.at((at + step) % buttons.length)?.focus();
  }
}
