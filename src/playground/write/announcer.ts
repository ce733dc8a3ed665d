import { byId } from '../page/dom.js';

/** The end of a sentence or of a line. */
const ENDS = /[.!?\u2026\u3002]["'\u2019\u201D)]*\s|\n/g;

/** Tells screen readers what the model writes, a sentence at a time. */
export class Announcer {
  readonly #log = byId('spoken', HTMLElement);
  #told = 0;

  begin(): void {
    this.#log.replaceChildren();
    this.#told = 0;
  }

  /** Tells the sentences that are new in the text of a generation; at its end, also one that is not finished. */
  tell(text: string, isOver: boolean): void {
    const last = [...text.slice(this.#told).matchAll(ENDS)].at(-1);
    const end = isOver ? text.length : this.#told + (last === undefined ? 0 : last.index + last[0].length);
    const sentences = text.slice(this.#told, end).trim();
    this.#told = end;
    if (sentences === '') return;
    const line = document.createElement('p');
    line.textContent = sentences;
    this.#log.append(line);
  }
}
