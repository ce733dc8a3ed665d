import type { AnyModel } from '../../examine/any_model.js';
import type { Examination } from '../../examine/text/examination.js';
import { clozeItemsOf } from '../../examine/tutoring/cloze_items.js';
import type { Work } from '../../model/remote_models.js';
import { make } from '../page/dom.js';
import { ClozeExercise } from './cloze_exercise.js';
import { part } from './part.js';

export interface ExerciseEvents {
  /** Runs work with the model on the latest examination, if there is one of this model. */
  run<T>(
    name: string,
    work: (model: AnyModel, examination: Examination, how: Work) => Promise<T>,
  ): Promise<T | undefined>;
  seed(): number;
  say(message: string): void;
}

const COUNTS = [5, 10, 20, 40];

/** The part of the view that makes exercises. */
export class ExercisePart {
  readonly element: HTMLElement;
  readonly #events: ExerciseEvents;
  readonly #count = make(
    'select',
    { id: 'exercise-count' },
    ...COUNTS.map((n) => option(String(n), `${n} words`)),
  );
  readonly #kind = make(
    'select',
    { id: 'exercise-kind' },
    option('chosen', 'chosen from four'),
    option('typed', 'typed'),
  );
  readonly #make = make('button', { type: 'button', disabled: true }, 'Make an exercise');
  readonly #place = make('div');

  constructor(events: ExerciseEvents) {
    this.#events = events;
    this.#count.value = '10';
    this.#make.addEventListener('click', () => void this.#begin());
    this.element = part(
      'Exercise: fill in the blanks',
      make(
        'p',
        { class: 'meaning' },
        'Asks for words that the model can predict from the text, but not at once. The wrong choices fit the beginning of the sentence.',
      ),
      make(
        'div',
        { class: 'row' },
        make('label', { class: 'inline' }, 'Ask for ', this.#count),
        make('label', { class: 'inline' }, 'Answers are ', this.#kind),
        this.#make,
      ),
      this.#place,
    );
  }

  set canBegin(canBegin: boolean) {
    this.#make.disabled = !canBegin;
  }

  /** Removes the exercise of an earlier text. */
  clear(): void {
    this.#place.replaceChildren();
  }

  async #begin(): Promise<void> {
    const count = Number(this.#count.value);
    const seed = this.#events.seed();
    const made = await this.#events.run('Making an exercise', async (model, examination, how) => ({
      text: examination.text,
      items: await clozeItemsOf(model, examination, { count, seed, ...how }),
    }));
    if (made === undefined) return;
    const { text, items } = made;
    if (items.length === 0) {
      this.clear();
      this.#events.say('No word of this text can be asked: all are too easy or too hard for the model.');
      return;
    }
    const exercise = new ClozeExercise(text, items, this.#kind.value === 'typed');
    this.#place.replaceChildren(exercise.element);
    this.#events.say('The exercise is ready.');
    exercise.focus();
  }
}

const option = (value: string, label: string) => make('option', { value }, label);
