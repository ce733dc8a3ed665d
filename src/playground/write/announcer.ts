import { byId } from '../page/dom.js';

/** End of a sentence or of a line. */
const ENDS = /[.!?\u2026\u3002]["'\u2019\u201D)]*\s|\n/g;

/** Announces to screen readers what the model writes, sentence by sentence. */
export class Announcer {
  readonly #log = byId('spoken', HTMLElement);
  #told = 0;

  begin(): void {
    this.#log.replaceChildren();
    this.#told = 0;
  }

  /** Announces the new sentences of a generation's text; when it is over, also an unfinished one. */
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
