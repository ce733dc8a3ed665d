import { counted } from '../../base/counted.js';
import { Gpt2Error } from '../../base/errors.js';
import type { AnyModel } from '../../examine/any_model.js';
import type { Examination } from '../../examine/text/examination.js';
import { examine } from '../../examine/text/examine.js';
import { ALTERNATIVES } from '../../examine/tutoring/candidates.js';
import type { Work } from '../../model/remote_models.js';
import { TextField } from '../document/text_field.js';
import { TextReader } from '../document/text_files.js';
import { make } from '../page/dom.js';
import { StartButton } from '../page/start_button.js';
import type { NamedModel, ViewEvents } from '../page/view_events.js';
import { adoptColours } from './colours.js';
import { ExercisePart } from './exercise_part.js';
import { hashOf, MOST_CHARACTERS, stateOf } from './link.js';
import { OddWordsPart } from './odd_words_part.js';
import { type Result, resultColumn } from './result_column.js';
import { SavePart } from './save_part.js';
import { Settings } from './settings.js';
import { WorkBar } from './work_bar.js';

/** The view that shows how likely a model finds a text, and makes exercises of it. */
export class ExamineView {
  readonly #events: ViewEvents;
  readonly #text: TextField;
  readonly #settings: Settings;
  readonly #bar = new WorkBar(() => this.#show());
  readonly #reader = new TextReader();
  readonly #start = new StartButton(() => this.toggle());
  readonly #compare = make(
    'button',
    { type: 'button', title: 'Keep this result beside the next one' },
    'Compare',
  );
  readonly #link = make('button', { type: 'button', title: 'Copy a link with the text' }, 'Link');
  readonly #results = make('div', { class: 'results' });
  readonly #exercise: ExercisePart;
  readonly #oddWords: OddWordsPart;
  readonly #save: SavePart;
  /** The latest result, with the model that made it. */
  #latest: (Result & NamedModel) | undefined;
  /** The result that stays beside the next ones, and the latest one unless it is that. */
  #kept: Result | undefined;
  #next: Result | undefined;
  /** The address whose text was read: going back to it must not replace what was written since. */
  #read = '';

  constructor(section: HTMLElement, events: ViewEvents) {
    this.#events = events;
    this.#settings = new Settings((colouring) => {
      section.dataset.colours = colouring;
    });
    this.#text = new TextField('examine', {
      onChange: () => this.#show(),
      onFile: (file) => void this.open(file),
      writtenText: events.writtenText,
    });
    const tutoring = {
      run: <T>(name: string, work: (model: AnyModel, examination: Examination, how: Work) => Promise<T>) =>
        this.#runOnLatest(name, work),
      say: (message: string) => this.#bar.say(message),
    };
    this.#exercise = new ExercisePart({ ...tutoring, seed: () => this.#settings.seed });
    this.#oddWords = new OddWordsPart({
      ...tutoring,
      onReplace: (text) => {
        this.#text.value = text;
        this.#bar.say('Replaced in the text above. Start again to see its figures.');
      },
    });
    this.#save = new SavePart({ results: () => this.#shown });
    this.#compare.addEventListener('click', () => this.#keepBeside());
    this.#link.addEventListener('click', () => void this.#copyLink());
    adoptColours();
    section.append(this.#body(), this.#tools());
    addEventListener('hashchange', () => this.#readLink());
    this.#readLink();
    this.#show();
  }

  /** Called when the model changes. */
  showModel(): void {
    this.#show();
  }

  /** Starts or stops the work. */
  toggle(): void {
    if (this.#bar.isBusy) this.stop();
    else if (this.#start.isEnabled) void this.#examine();
  }

  /** Ends the work that is in progress. */
  stop(): void {
    this.#bar.stop();
  }

  /** Replaces the text by that of a file, unless another one is opened meanwhile. */
  async open(file: File): Promise<void> {
    try {
      const text = await this.#reader.read(file);
      if (text === undefined) return;
      this.#text.value = text;
      this.#bar.say(`${file.name} is open.`);
    } catch (error) {
      this.#events.onError(error);
    }
  }

  #body(): HTMLElement {
    return make(
      'div',
      { class: 'scroll' },
      make(
        'div',
        { class: 'examination' },
        make('h2', { id: 'examine-heading' }, 'Examine a text'),
        make(
          'p',
          {},
          'Shows how likely the model finds each token, word and sentence. The text stays in this page.',
        ),
        this.#text.element,
        this.#settings.element,
        this.#results,
        this.#exercise.element,
        this.#oddWords.element,
        this.#save.element,
      ),
    );
  }

  #tools(): HTMLElement {
    const buttons = make('fieldset', { class: 'row', 'aria-label': 'Examining' });
    buttons.append(this.#start.element, this.#compare, this.#link);
    return make('div', { class: 'tools' }, buttons, this.#bar.element);
  }

  async #examine(): Promise<void> {
    const current = this.#events.model();
    if (current === undefined) return;
    const text = this.#text.value;
    // Without a choice the model decides: it may have no token to start from.
    const start = this.#settings.start ? undefined : false;
    const examination = await this.#work('Examining', (how) =>
      examine(current.model, text, { start, top: ALTERNATIVES, ...how }),
    );
    if (examination === undefined) return;
    this.#latest = { ...current, examination };
    const column = resultColumn(this.#latest);
    if (this.#next === undefined) this.#results.append(column);
    else this.#results.lastElementChild!.replaceWith(column);
    this.#next = this.#latest;
    this.#exercise.clear();
    this.#oddWords.clear();
    this.#show();
    this.#bar.say(`Examined ${counted(examination.tokens.length, 'token')}.`);
  }

  /** Runs work on the latest result with its model. */
  #runOnLatest<T>(
    name: string,
    work: (model: AnyModel, examination: Examination, how: Work) => Promise<T>,
  ): Promise<T | undefined> {
    const { model, examination } = this.#latest!;
    return this.#work(name, (how) => work(model, examination, how));
  }

  async #work<T>(name: string, work: (how: Work) => Promise<T>): Promise<T | undefined> {
    this.#events.onClear();
    try {
      return await this.#bar.run(name, work);
    } catch (error) {
      // The model was replaced meanwhile.
      if (!(error instanceof Gpt2Error && error.code === 'disposed')) this.#events.onError(error);
      return undefined;
    }
  }

  #keepBeside(): void {
    if (this.#kept !== undefined) this.#results.firstElementChild!.remove();
    this.#kept = this.#next;
    this.#next = undefined;
    this.#show();
    this.#bar.say('Kept. Examine another text, or this one with another model.');
    this.#text.focus();
  }

  async #copyLink(): Promise<void> {
    const { colouring, start, seed } = this.#settings;
    const hash = hashOf({ text: this.#text.value, colouring, start, seed });
    if (hash === undefined) {
      this.#bar.say('The text is too long for a link.');
      return;
    }
    history.replaceState(null, '', hash);
    this.#read = location.hash;
    const copied = await navigator.clipboard?.writeText(location.href).then(
      () => true,
      () => false,
    );
    const where = copied ? 'copied' : 'in the address bar';
    this.#bar.say(`The link is ${where}. It holds the text: whoever opens it can read it.`);
  }

  #readLink(): void {
    const { hash } = location;
    if (hash === this.#read) return;
    if (hash.length > MOST_CHARACTERS)
      this.#bar.say('The link is longer than a link may be: its text is not read.');
    const state = stateOf(hash);
    if (state === undefined) return;
    this.#read = hash;
    this.#settings.set(state);
    this.#text.value = state.text;
  }

  get #shown(): Result[] {
    return [this.#kept, this.#next].filter((result) => result !== undefined);
  }

  #show(): void {
    const { isBusy } = this.#bar;
    const current = this.#events.model();
    const hasText = this.#text.value !== '';
    this.#start.show(isBusy, current !== undefined && hasText);
    this.#compare.disabled = isBusy || this.#next === undefined;
    this.#link.disabled = !hasText;
    const canTutor = !isBusy && this.#latest !== undefined && this.#latest.model === current?.model;
    this.#exercise.canBegin = canTutor;
    this.#oddWords.canBegin = canTutor;
    this.#save.canSave = !isBusy && this.#latest !== undefined;
  }
}
