import { make } from '../page/dom.js';
import type { Word } from './words.js';

/** One of the captions that beams found. */
export interface FoundCaption {
  readonly words: readonly Word[];
  /** Sum of the tokens' log-probabilities, divided by their number. */
  readonly score: number;
}

/** The captions that a beam search found, best first, one of which is shown. */
export class OtherCaptions {
  readonly #list = make('ol', { class: 'others', 'aria-label': 'Captions, best first' });
  readonly element = make(
    'section',
    { hidden: true },
    make('h3', {}, 'Alternatives'),
    make(
      'p',
      { class: 'meaning' },
      'The best captions of a beam search, with the mean log-probability of their tokens: nearer to 0 is likelier.',
    ),
    this.#list,
  );
  readonly #onChoose: (words: readonly Word[]) => void;

  constructor(onChoose: (words: readonly Word[]) => void) {
    this.#onChoose = onChoose;
  }

  clear(): void {
    this.element.hidden = true;
    this.#list.replaceChildren();
  }

  /** Shows captions, and chooses the first one. */
  show(found: readonly FoundCaption[]): void {
    const buttons = found.map((caption) => this.#button(caption));
    this.#list.replaceChildren(
      ...buttons.map((button, i) => make('li', {}, button, make('span', {}, found[i]!.score.toFixed(3)))),
    );
    this.element.hidden = found.length === 0;
    buttons[0]?.click();
  }

  #button({ words }: FoundCaption): HTMLButtonElement {
    const text = words.map((word) => word.text).join(' ');
    const button = make('button', { type: 'button', 'aria-pressed': 'false' }, text || '(no words)');
    button.addEventListener('click', () => {
      for (const other of this.#list.querySelectorAll('button')) {
        other.setAttribute('aria-pressed', String(other === button));
      }
      this.#onChoose(words);
    });
    return button;
  }
}
