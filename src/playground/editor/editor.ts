import {
  changeBetween,
  type TextRange,
  type TextToken,
  type TokenizedText,
} from '../document/tokenized_text.js';
import { byId } from '../page/dom.js';
import { TextGeometry } from './text_geometry.js';
import { TokenHighlights } from './token_highlights.js';

/** Pixels between text that is scrolled into view and the edge. */
const MARGIN = 24;

/**
 * A text area above a mirror: the same text as one text node, whose coloured tokens show through. One text
 * node has the same layout as the text area; with an element for each token, Chromium breaks some lines
 * differently.
 */
export class Editor {
  readonly area = byId('text', HTMLTextAreaElement);
  readonly #sheet = byId('sheet', HTMLElement);
  readonly #bottom = byId('bottom', HTMLElement);
  readonly #node = document.createTextNode('');
  readonly #geometry = new TextGeometry(this.#node);
  readonly #highlights = new TokenHighlights(this.#node);
  #tokens: readonly TextToken[] = [];
  #isPainting = false;

  constructor() {
    byId('mirror', HTMLElement).append(this.#node);
    const paintSoon = () => {
      if (this.#isPainting) return;
      this.#isPainting = true;
      requestAnimationFrame(() => this.#paint());
    };
    document.addEventListener('scroll', paintSoon, { capture: true, passive: true });
    new ResizeObserver(paintSoon).observe(this.#sheet);
    byId('sheet', HTMLElement).addEventListener('pointerup', ({ target }) => {
      if (target === this.#sheet) this.area.focus();
    });
  }

  /** Shows a text with its tokens. Only the part that has changed is laid out again. */
  show({ text, tokens }: TokenizedText): void {
    if (this.#node.data !== text) {
      const { at, removed, added } = changeBetween(this.#node.data, text);
      this.#node.replaceData(at, removed, added);
    }
    if (this.area.value !== text) {
      const { scrollX, scrollY } = window;
      const { scrollTop } = this.#sheet;
      this.area.value = text;
      this.#sheet.scrollTop = scrollTop;
      scrollTo(scrollX, scrollY);
    }
    this.#tokens = tokens;
    this.#paint();
  }

  /** The selected range; the place of the caret if it is empty. */
  get selection(): TextRange {
    return { from: this.area.selectionStart, to: this.area.selectionEnd };
  }

  /** Puts the caret at an offset and scrolls it into view. */
  select(offset: number): void {
    this.area.setSelectionRange(offset, offset);
    this.reveal(offset);
  }

  /** The range of the visible text, with as much text above and below it. */
  seen(): TextRange {
    const [top, bottom] = this.#sight();
    const margin = bottom - top;
    const from = this.#geometry.firstBelow(top - margin);
    return { from, to: Math.max(from, this.#geometry.firstBelow(bottom + margin)) };
  }

  /** The index of the token under a point of the window. */
  indexAt(x: number, y: number): number | undefined {
    const [from, to] = this.#geometry.lineAt(y);
    let end = 0;
    const index = this.#tokens.findIndex(({ text }) => {
      const start = end;
      end += text.length;
      if (end <= from || start >= to) return false;
      return this.#geometry
        .boxes(start, end)
        .some(({ left, right, top, bottom }) => x >= left && x < right && y >= top && y <= bottom);
    });
    return index < 0 ? undefined : index;
  }

  /** Whether the character before an offset is visible. */
  isInSight(offset: number): boolean {
    const box = this.#geometry.boxBefore(offset);
    const [top, bottom] = this.#sight();
    return box === undefined || (box.bottom > top && box.top < bottom);
  }

  /** Scrolls the character before an offset into view. */
  reveal(offset: number): void {
    const box = this.#geometry.boxBefore(offset);
    if (box === undefined) return;
    const [top, bottom] = this.#sight();
    const by =
      box.bottom > bottom - MARGIN ? box.bottom - bottom + MARGIN : Math.min(0, box.top - top - MARGIN);
    if (by === 0) return;
    if (getComputedStyle(this.#sheet).overflowY === 'visible') scrollBy(0, by);
    else this.#sheet.scrollBy(0, by);
  }

  /** Marks the token whose alternatives are shown, or none. */
  mark(index: number | undefined): void {
    this.#highlights.mark(index === undefined ? undefined : this.rangeOf(index));
  }

  /** The range of a token. */
  rangeOf(index: number): TextRange {
    const from = this.#tokens.slice(0, index).reduce((length, { text }) => length + text.length, 0);
    return { from, to: from + (this.#tokens[index]?.text.length ?? 0) };
  }

  /** Top and bottom of the visible text, in window coordinates. */
  #sight(): [number, number] {
    const sheet = this.#sheet.getBoundingClientRect();
    const { top } = this.#bottom.getBoundingClientRect();
    return [Math.max(0, sheet.top), Math.min(innerHeight, sheet.bottom, top)];
  }

  #paint(): void {
    this.#isPainting = false;
    this.#highlights.show(this.#tokens, this.seen());
  }
}
