import { counted } from '../../base/counted.js';
import { oddWordsOf } from '../../examine/tutoring/odd_words.js';
import { make } from '../page/dom.js';
import type { ExerciseEvents } from './exercise_part.js';
import { OddWordList } from './odd_word_list.js';
import { part } from './part.js';

export interface OddWordsEvents extends Pick<ExerciseEvents, 'run' | 'say'> {
  /** A word was replaced. */
  onReplace(text: string): void;
}

/** The part of the view that looks for words that do not fit. */
export class OddWordsPart {
  readonly element: HTMLElement;
  readonly #events: OddWordsEvents;
  readonly #look = make('button', { type: 'button', disabled: true }, 'Look for odd words');
  readonly #place = make('div');

  constructor(events: OddWordsEvents) {
    this.#events = events;
    this.#look.addEventListener('click', () => void this.#begin());
    this.element = part(
      'Odd words',
      make(
        'p',
        { class: 'meaning' },
        'Finds words in whose place the model would expect another one, and suggests it. Rare names and deliberate surprises are found too.',
      ),
      make('div', { class: 'row' }, this.#look),
      this.#place,
    );
  }

  set canBegin(canBegin: boolean) {
    this.#look.disabled = !canBegin;
  }

  /** Removes what was found in an earlier text. */
  clear(): void {
    this.#place.replaceChildren();
  }

  async #begin(): Promise<void> {
    const found = await this.#events.run('Looking for odd words', async (model, examination, how) => ({
      text: examination.text,
      words: await oddWordsOf(model, examination, how),
    }));
    if (found === undefined) return;
    const { text, words } = found;
    const list = new OddWordList(text, words, (changed) => this.#events.onReplace(changed));
    this.#place.replaceChildren(list.element);
    this.#events.say(
      words.length === 0 ? 'No odd word was found.' : `Found ${counted(words.length, 'odd word')}.`,
    );
  }
}
