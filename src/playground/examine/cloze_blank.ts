import { counted } from '../../base/counted.js';
import type { ClozeItem } from '../../examine/tutoring/cloze_items.js';
import { type Hint, hints } from '../../examine/tutoring/hints.js';
import { make } from '../page/dom.js';

/** A blank in a text: a field, a button for hints, and the latest hint. */
export class ClozeBlank {
  readonly element: HTMLElement;
  readonly #answer: string;
  readonly #hints: readonly Hint[];
  readonly #field: HTMLInputElement | HTMLSelectElement;
  readonly #mark = make('span', { class: 'mark' });
  readonly #hint = make('span', { class: 'hint', role: 'status' });
  #shown = 0;

  constructor(item: ClozeItem, number: number, isTyped: boolean) {
    this.#answer = item.answer;
    this.#hints = hints(item);
    const name = `Blank ${number}`;
    this.#field = isTyped ? typedField(name, item.answer) : chosenField(name, item.choices);
    this.#field.addEventListener('input', () => this.#clear());
    const more = make(
      'button',
      { type: 'button', class: 'quiet', 'aria-label': `Hint for blank ${number}` },
      '?',
    );
    more.addEventListener('click', () => this.#showHint(more));
    this.element = make('span', { class: 'blank' }, this.#field, this.#mark, more, this.#hint);
  }

  /** Number of hints that were shown. */
  get hints(): number {
    return this.#shown;
  }

  focus(): void {
    this.#field.focus();
  }

  /** Shows whether the field has the right word, unless it is empty. */
  check(): boolean {
    if (this.#field.value.trim() === '') {
      this.#clear();
      return false;
    }
    const isRight = plain(this.#field.value) === plain(this.#answer);
    this.#field.setAttribute('aria-invalid', String(!isRight));
    this.#mark.replaceChildren(
      make('span', { 'aria-hidden': 'true' }, isRight ? '\u2713' : '\u2717'),
      make('span', { class: 'hidden' }, isRight ? 'right' : 'not right'),
    );
    return isRight;
  }

  #clear(): void {
    this.#field.removeAttribute('aria-invalid');
    this.#mark.replaceChildren();
  }

  #showHint(button: HTMLButtonElement): void {
    this.#hint.textContent = sentenceOf(this.#hints[this.#shown]!);
    this.#shown++;
    if (this.#shown < this.#hints.length) return;
    button.disabled = true;
    this.#field.focus();
  }
}

function typedField(name: string, answer: string): HTMLInputElement {
  return make('input', {
    type: 'text',
    'aria-label': name,
    size: String(Math.max(6, answer.length + 2)),
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
  });
}

function chosenField(name: string, choices: readonly string[]): HTMLSelectElement {
  const options = ['', ...choices].map((choice) => make('option', { value: choice }, choice || '\u2026'));
  return make('select', { 'aria-label': name }, ...options);
}

function sentenceOf({ kind, value }: Hint): string {
  switch (kind) {
    case 'length':
      return counted(Number(value), 'letter');
    case 'letter':
      return `begins with \u201C${value}\u201D`;
    case 'alternative':
      return `nearly \u201C${value}\u201D`;
    case 'answer':
      return `it is \u201C${value}\u201D`;
  }
}

/** A word as it is compared: keyboards type straight apostrophes, and accents in one character. */
const plain = (word: string) => word.trim().normalize('NFC').toLowerCase().replaceAll('\u2019', "'");
