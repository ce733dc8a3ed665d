import { byId, make } from './dom.js';
import type { Writing, WrittenToken } from './writing.js';

/** Least probabilities of the levels of colour, from plain to strongest. */
const LEVELS = [0.5, 0.2, 0.05, 0.01];

function levelOf(logprob: number): number {
  const level = LEVELS.findIndex((least) => Math.exp(logprob) >= least);
  return level < 0 ? LEVELS.length : level;
}

/** A text area and, behind it, the same text cut into tokens, whose backgrounds show through. */
export class Surface {
  readonly area = byId('text', HTMLTextAreaElement);
  readonly #sheet = byId('sheet', HTMLElement);
  readonly #mirror = byId('mirror', HTMLElement);
  readonly #rest = document.createTextNode('');
  #shown: readonly WrittenToken[] = [];

  constructor() {
    this.#mirror.append(this.#rest, '\u200B');
  }

  /** Shows a writing; tokens that are shown already are left as they are. */
  show({ text, tokens }: Writing): void {
    const follow = this.area.readOnly && this.#isAtEnd();
    let same = 0;
    while (same < this.#shown.length && this.#shown[same] === tokens[same]) same++;
    while (this.#mirror.childNodes.length - 2 > same) this.#rest.previousSibling!.remove();
    const added = tokens.slice(same).map(({ text: own, logprob }, i) => {
      const level = logprob === undefined ? 0 : levelOf(logprob);
      return make('span', { class: `p${level}`, 'data-index': String(same + i) }, own);
    });
    this.#rest.before(...added);
    this.#rest.data = text.slice(tokens.reduce((length, token) => length + token.text.length, 0));
    this.#shown = tokens;
    if (this.area.value !== text) this.area.value = text;
    if (follow) this.#sheet.scrollTo({ top: this.#sheet.scrollHeight });
  }

  /** The index of the token under a point of the window. */
  indexAt(x: number, y: number): number | undefined {
    const span = document
      .elementsFromPoint(x, y)
      .find((element): element is HTMLElement => element.parentElement === this.#mirror);
    return span && Number(span.dataset.index);
  }

  /** Where a token is seen in the window: of its lines the one at height `y`, or the last. */
  placeOf(index: number, y?: number): DOMRect | undefined {
    const sheet = this.#sheet.getBoundingClientRect();
    const [from, to] = [Math.max(0, sheet.top), Math.min(innerHeight, sheet.bottom)];
    const all = [...(this.#mirror.children[index]?.getClientRects() ?? [])];
    const rects = all.filter(({ top, bottom }) => bottom > from && top < to);
    return rects.find(({ top, bottom }) => y !== undefined && y >= top && y <= bottom) ?? rects.at(-1);
  }

  /** Scrolls a token into sight. */
  reveal(index: number): void {
    this.#mirror.children[index]?.scrollIntoView({ block: 'nearest' });
  }

  /** Marks the token whose alternatives are shown. */
  mark(index: number | undefined): void {
    this.#mirror.querySelector('.marked')?.classList.remove('marked');
    if (index !== undefined) this.#mirror.children[index]?.classList.add('marked');
  }

  #isAtEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#sheet;
    return scrollHeight - scrollTop - clientHeight < 80;
  }
}
