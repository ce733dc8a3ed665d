import { counted } from '../../base/counted.js';
import type { ClozeItem } from '../../examine/tutoring/cloze_items.js';
import { make } from '../page/dom.js';
import { ClozeBlank } from './cloze_blank.js';

/** An exercise: a text with blanks to fill in, and hints. */
export class ClozeExercise {
  readonly element: HTMLElement;
  readonly #blanks: readonly ClozeBlank[];
  readonly #score = make('p', { role: 'status' });

  /** `isTyped`: the words are typed, not chosen. */
  constructor(text: string, items: readonly ClozeItem[], isTyped: boolean) {
    this.#blanks = items.map((item, i) => new ClozeBlank(item, i + 1, isTyped));
    const parts: Node[] = [];
    let end = 0;
    for (const [i, { start, end: next }] of items.entries()) {
      parts.push(new Text(text.slice(end, start)), this.#blanks[i]!.element);
      end = next;
    }
    parts.push(new Text(text.slice(end)));
    const check = make('button', { type: 'button' }, 'Check');
    check.addEventListener('click', () => this.#check());
    this.element = make(
      'div',
      { class: 'exercise' },
      make('p', { class: 'read', dir: 'auto' }, ...parts),
      make('div', { class: 'row' }, check, this.#score),
    );
  }

  focus(): void {
    this.#blanks[0]?.focus();
  }

  #check(): void {
    const right = this.#blanks.filter((blank) => blank.check()).length;
    const hints = this.#blanks.reduce((sum, { hints }) => sum + hints, 0);
    const used = hints === 0 ? 'without hints' : `with ${counted(hints, 'hint')}`;
    this.#score.textContent = `${right} of ${this.#blanks.length} right, ${used}.`;
  }
}
