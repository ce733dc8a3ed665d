import type { TopToken } from '../generate/completion.js';
import { byId, make } from './dom.js';
import type { Surface } from './surface.js';

/** What is known of the place of a token. */
export interface Place {
  readonly index: number;
  readonly text: string;
  readonly id: number;
  readonly logprob: number | undefined;
}

export interface AlternativesEvents {
  /** The token at an index; nothing where it cannot be asked for now. */
  place(index: number): Place | undefined;
  /** The most likely tokens at its place, or why there are none to show. */
  top(index: number): Promise<readonly TopToken[] | string>;
  /** Whether a token can stand there in its stead. */
  canChoose(index: number, token: TopToken): boolean;
  choose(index: number, token: TopToken): void;
}

const OPEN_AFTER_MS = 180;
const CLOSE_AFTER_MS = 250;

/** Below 0.1 % one digit more than 0. */
export function percent(logprob: number): string {
  const share = 100 * Math.exp(logprob);
  if (share < 0.01) return '< 0.01 %';
  return `${share >= 10 ? share.toFixed(0) : Number(share.toPrecision(2))} %`;
}

/** A token's text with its white space made visible. */
export function visible(text: string): string {
  return text.replaceAll('\n', '\u21B5').replaceAll('\t', '\u21E5').replaceAll(' ', '\u00B7');
}

/** Opens beside a token: for the pointer on hover, for the keyboard with the focus in it. */
export class Alternatives {
  readonly #box = byId('alternatives', HTMLElement);
  readonly #title = byId('alternatives-title', HTMLElement);
  readonly #list = byId('alternatives-list', HTMLElement);
  readonly #hint = byId('alternatives-hint', HTMLElement);
  readonly #surface: Surface;
  readonly #events: AlternativesEvents;
  #index: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(surface: Surface, events: AlternativesEvents) {
    this.#surface = surface;
    this.#events = events;
    const { area } = surface;
    area.addEventListener('pointermove', ({ clientX, clientY, pointerType, buttons }) => {
      if (pointerType === 'touch' || buttons !== 0) return;
      const index = surface.indexAt(clientX, clientY);
      if (index === undefined) this.#later(() => this.close(), CLOSE_AFTER_MS);
      else if (index === this.#index) clearTimeout(this.#timer);
      else this.#later(() => this.open(index, clientY), OPEN_AFTER_MS);
    });
    area.addEventListener('pointerleave', () => this.#later(() => this.close(), CLOSE_AFTER_MS));
    area.addEventListener('click', ({ clientX, clientY }) => {
      const index = surface.indexAt(clientX, clientY);
      if (index !== undefined && area.selectionStart === area.selectionEnd) this.open(index, clientY);
    });
    this.#box.addEventListener('pointerenter', () => clearTimeout(this.#timer));
    this.#box.addEventListener('pointerleave', () => {
      if (!this.#box.contains(document.activeElement)) this.#later(() => this.close(), CLOSE_AFTER_MS);
    });
    this.#box.addEventListener('keydown', (event) => this.#key(event));
    this.#box.addEventListener('focusout', ({ relatedTarget }) => {
      if (!this.#box.contains(relatedTarget as Node | null)) this.close();
    });
    document.addEventListener('keydown', ({ key }) => key === 'Escape' && this.close());
    const moved = () => this.#index !== undefined && this.#put(this.#index);
    const scrolled = ({ target }: Event) => (target as Node).contains(area) && moved();
    document.addEventListener('scroll', scrolled, { capture: true, passive: true });
    addEventListener('resize', moved);
  }

  /** Shows the alternatives of a token; `y` tells which of its lines, `focus` brings the keyboard there. */
  async open(index: number, y?: number, focus = false): Promise<void> {
    clearTimeout(this.#timer);
    const place = this.#events.place(index);
    if (place === undefined) return this.close();
    this.#index = index;
    this.#surface.mark(index);
    // What has the focus is about to go.
    if (!this.#box.hidden && focus) this.#box.focus();
    const chance = place.logprob === undefined ? '' : percent(place.logprob);
    this.#title.replaceChildren(make('b', {}, visible(place.text)), ' ', make('span', {}, chance));
    this.#list.replaceChildren();
    this.#hint.textContent = 'Asking the model \u2026';
    this.#box.hidden = false;
    if (focus) {
      this.#surface.reveal(index);
      this.#box.focus({ preventScroll: true });
    }
    this.#put(index, y);
    const top = await this.#events.top(index);
    if (this.#index !== index) return;
    if (typeof top === 'string') this.#hint.textContent = top;
    else {
      this.#list.replaceChildren(...top.map((token) => this.#row(place, token)));
      this.#hint.textContent = 'Choose one to go on from there.';
    }
    this.#put(index, y);
    if (focus) this.#box.querySelector<HTMLElement>('button:not(:disabled)')?.focus({ preventScroll: true });
  }

  close(): void {
    clearTimeout(this.#timer);
    if (this.#index === undefined) return;
    this.#index = undefined;
    const hadFocus = this.#box.contains(document.activeElement);
    this.#box.hidden = true;
    this.#surface.mark(undefined);
    if (hadFocus) this.#surface.area.focus();
  }

  #later(act: () => void, ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }

  #row({ index, id }: Place, token: TopToken): HTMLElement {
    const chance = percent(token.logprob);
    const isOwn = token.id === id;
    const button = make(
      'button',
      {
        type: 'button',
        disabled: isOwn || !this.#events.canChoose(index, token),
        'aria-label': `${visible(token.text)}, ${chance}${isOwn ? ', as it is' : ''}`,
        'aria-current': isOwn ? 'true' : 'false',
      },
      make('span', { class: 'token' }, visible(token.text)),
      make('span', { class: 'chance' }, chance),
    );
    button.style.setProperty('--share', String(Math.exp(token.logprob)));
    button.addEventListener('click', () => {
      this.close();
      this.#events.choose(index, token);
    });
    return make('li', {}, button);
  }

  /** Below the token, or above it where there is more room. */
  #put(index: number, y?: number): void {
    const rect = this.#surface.placeOf(index, y);
    const { clientWidth, clientHeight } = document.documentElement;
    if (rect === undefined) {
      this.close();
      return;
    }
    const { offsetWidth: width, offsetHeight: height } = this.#box;
    const below = rect.bottom + 4;
    const top = below + height <= clientHeight ? below : rect.top - height - 4;
    this.#box.style.left = `${Math.max(8, Math.min(rect.left - 12, clientWidth - width - 8))}px`;
    this.#box.style.top = `${Math.max(8, Math.min(top, clientHeight - height - 8))}px`;
  }

  #key(event: KeyboardEvent): void {
    const neighbour = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (neighbour === undefined && step === undefined) return;
    event.preventDefault();
    if (step === undefined) {
      let index = this.#index!;
      do index += neighbour!;
      while (this.#events.place(index)?.text === '');
      if (this.#events.place(index) !== undefined) void this.open(index, undefined, true);
      return;
    }
    const buttons = [...this.#list.querySelectorAll<HTMLElement>('button:not(:disabled)')];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    buttons.at((at + step) % buttons.length)?.focus();
  }
}
