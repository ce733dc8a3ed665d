import { threeDigits } from '../../base/human_bytes.js';
import { visibleText } from '../../base/visible_text.js';
import { classesOf } from '../../examine/report/palette.js';
import { percent } from '../../examine/report/percent.js';
import type { Examination, ExaminedToken } from '../../examine/text/examination.js';
import { make } from '../page/dom.js';

/** Alternatives that are listed. */
const ALTERNATIVES = 6;
const HELP = 'Point at a token, or choose one with Left and Right, to see its figures.';

/** A text in colours, and the figures of the token that is pointed at. */
export class ColouredText {
  readonly element: HTMLElement;
  readonly #text: HTMLElement;
  readonly #figures = make('p', { class: 'figures-of-token', role: 'status' }, HELP);
  /** The pieces of the text, and the token that each shows. */
  readonly #pieces: { readonly piece: HTMLElement; readonly token: ExaminedToken }[] = [];
  #current: number | undefined;

  constructor({ text, tokens }: Examination) {
    for (const token of tokens) {
      // A token that ends inside a character has no text.
      if (token.text !== '')
        this.#pieces.push({ piece: make('span', { class: classesOf(token) }, token.text), token });
    }
    this.#text = make(
      'div',
      {
        class: 'read',
        tabindex: '0',
        role: 'group',
        'aria-label': `Text in colours. ${HELP}`,
      },
      ...(this.#pieces.length > 0 ? this.#pieces.map(({ piece }) => piece) : [text]),
    );
    this.#listen();
    // Set earlier, it would be decided again for each piece.
    this.#text.dir = 'auto';
    this.element = make('div', { class: 'coloured' }, this.#text, this.#figures);
  }

  #listen(): void {
    const indices = new Map<EventTarget, number>(this.#pieces.map(({ piece }, i) => [piece, i]));
    this.#text.addEventListener('pointerover', ({ target }) => {
      const index = indices.get(target!);
      if (index !== undefined) this.#show(index);
    });
    this.#text.addEventListener('keydown', (event) => {
      const last = this.#pieces.length - 1;
      const next = placeAfter(event.key, this.#current, last);
      if (next === undefined || last < 0) return;
      event.preventDefault();
      this.#show(next);
      this.#pieces[next]!.piece.scrollIntoView({ block: 'nearest' });
    });
  }

  #show(index: number): void {
    if (this.#current !== undefined) this.#pieces[this.#current]!.piece.classList.remove('chosen');
    this.#current = index;
    const { piece, token } = this.#pieces[index]!;
    piece.classList.add('chosen');
    this.#figures.replaceChildren(make('b', {}, shown(token.text)), figuresOf(token));
  }
}

function placeAfter(key: string, current: number | undefined, last: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return current === undefined ? 0 : Math.min(last, current + 1);
    case 'ArrowLeft':
      return Math.max(0, (current ?? 0) - 1);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}

function figuresOf({ logprob, surprisal, rank, entropy, top }: ExaminedToken): string {
  if (logprob === undefined) return ' is only read: nothing comes before it.';
  const alternatives = top
    .slice(0, ALTERNATIVES)
    .map((other) => `\u201C${shown(other.text)}\u201D ${percent(other.logprob)}`);
  const figures = [
    ` rank ${rank!.toLocaleString('en-US')}`,
    percent(logprob),
    `${threeDigits(surprisal!)} bits`,
    `entropy ${threeDigits(entropy! / Math.LN2)} bits`,
  ].join(', ');
  return alternatives.length === 0 ? `${figures}.` : `${figures}. Expected: ${alternatives.join(', ')}.`;
}

/** A token with its white space made visible. */
const shown = (text: string) => visibleText(text) || '\u2205';
