import { Gpt2Error } from '../../base/errors.js';
import type { WorkerModel } from '../../worker/worker_model.js';
import { TextField } from '../document/text_field.js';
import { readText } from '../document/text_files.js';
import { changeBetween, withLineFeeds } from '../document/tokenized_text.js';
import { make } from '../page/dom.js';
import type { ViewEvents } from '../page/view_events.js';
import { type Direction, listenForUndo } from '../write/undo_keys.js';
import type { Draw } from './draw.js';
import { ModelParts } from './model_parts.js';
import { Newest } from './newest.js';
import { NextPart } from './next_part.js';
import { type Reading, read } from './reading.js';
import { TextSteps } from './text_steps.js';
import { TokenNames } from './token_names.js';

const BEGINNING = 'Once upon a time there was a little';

/** The view that shows what a model computes: the next token, the tokens, attention and layers, and changes of them. */
export class InsideView {
  readonly #events: ViewEvents;
  readonly #text: TextField;
  readonly #steps: TextSteps;
  readonly #next = new NextPart();
  readonly #parts = new ModelParts({
    onChanged: () => this.#showNext(),
    onError: (error) => this.#fail(error),
  });
  readonly #note = make('p', { class: 'meaning' });
  readonly #said = make('p', { class: 'outcome', role: 'status' });
  readonly #buttons = {
    step: this.#button('Step', 'Draw the next token (Ctrl+Enter)', () => this.step()),
    again: this.#button('Draw again', 'Draw the last token again, with another seed', () =>
      this.#drawAgain(),
    ),
    greedy: this.#button('Greedy', 'Take the likeliest token', () => this.#do(() => this.#takeLikeliest())),
    undo: this.#button('Undo', 'Undo (Ctrl+Z)', () => this.#undo('undo')),
    redo: this.#button('Redo', 'Redo (Ctrl+Shift+Z)', () => this.#undo('redo')),
  };
  readonly #newest = new Newest();
  #names: TokenNames | undefined;
  #model: WorkerModel | undefined;
  /** Of the current version; undefined until the model has read it. */
  #reading: Reading | undefined;
  /** Aborted when the text, its caret or the model changes. */
  #controller = new AbortController();
  /** Steps wait for those before them. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(section: HTMLElement, events: ViewEvents) {
    this.#events = events;
    this.#steps = new TextSteps(events.writtenText() || BEGINNING);
    this.#text = new TextField('inside', {
      onChange: (event) => this.#edit(event),
      onFile: (file) => void this.open(file),
      writtenText: events.writtenText,
    });
    this.#listen();
    section.append(this.#body(), this.#tools());
    this.#text.area.rows = 2;
    this.#putText();
    this.showModel();
  }

  /** Called when the model changes. */
  showModel(): void {
    this.#model = this.#events.model()?.model;
    this.#names = this.#model && new TokenNames(this.#model);
    if (this.#model !== undefined) this.#parts.showModel(this.#model);
    this.#steps.forgetTokens();
    this.#changed();
  }

  /** Draws the next token. */
  step(): void {
    this.#do(() => this.#draw());
  }

  /** Replaces the text by that of a file. */
  async open(file: File): Promise<void> {
    try {
      this.#text.value = await readText(file);
      this.#say(`${file.name} is open.`);
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
        { class: 'look' },
        make('h2', { id: 'inside-heading' }, 'Look inside the model'),
        make(
          'p',
          {},
          'The model reads the text before the caret and says how likely each token, a word or a piece of one, is next.',
        ),
        make('div', { class: 'reading' }, this.#text.element, this.#note, this.#next.element),
        this.#parts.element,
      ),
    );
  }

  #tools(): HTMLElement {
    const { step, again, greedy, undo, redo } = this.#buttons;
    step.className = 'primary';
    step.setAttribute('aria-keyshortcuts', 'Control+Enter Meta+Enter');
    const buttons = make('fieldset', { class: 'row', 'aria-label': 'Next token' });
    buttons.append(step, again, greedy, undo, redo);
    return make('div', { class: 'tools' }, buttons, this.#said);
  }

  #button(label: string, title: string, act: () => void): HTMLButtonElement {
    const button = make('button', { type: 'button', title, disabled: true }, label);
    button.addEventListener('click', act);
    return button;
  }

  #listen(): void {
    const { area } = this.#text;
    document.addEventListener('selectionchange', () => {
      if (document.activeElement === area && this.#steps.moveCaret(area.selectionEnd)) this.#changed();
    });
    listenForUndo(area, (direction) => this.#undo(direction));
  }

  #edit(event?: InputEvent): void {
    const { area } = this.#text;
    this.#steps.edit(area.value, area.selectionEnd, event, this.#steps.current.caret);
    this.#changed();
  }

  #undo(direction: Direction): void {
    if (!(direction === 'undo' ? this.#steps.canUndo : this.#steps.canRedo)) return;
    this.#steps.step(direction);
    this.#putText();
    this.#changed();
    this.#say(direction === 'undo' ? 'Undone.' : 'Redone.');
  }

  /** Puts the current version into the field. */
  #putText(): void {
    const { area } = this.#text;
    const { text, caret } = this.#steps.current;
    area.value = text;
    area.setSelectionRange(caret, caret);
    area.scrollTop = area.scrollHeight;
  }

  /** Reads the current version, after a change of the text, the caret or the model. */
  #changed(): void {
    this.#events.onClear();
    this.#reading = undefined;
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#say('');
    this.#showButtons();
    void this.#newest.request(() => this.#read());
  }

  async #read(): Promise<void> {
    const [model, names, version] = [this.#model, this.#names, this.#steps.current];
    if (model === undefined || names === undefined) return;
    try {
      const reading = await read(model, version);
      if (reading !== undefined) await names.learn(NextPart.idsOf(reading, version.draw));
      if (model !== this.#model || version !== this.#steps.current) return;
      this.#reading = reading;
      this.#note.textContent = noteOn(reading);
      this.#next.element.hidden = reading === undefined;
      this.#parts.element.hidden = reading === undefined;
      // With changes the bars wait for those of the changed model.
      if (!this.#parts.isChanged) this.#showNext();
      this.#showButtons();
      if (reading !== undefined) this.#parts.show({ model, names, reading, signal: this.#controller.signal });
    } catch (error) {
      this.#fail(error);
    }
  }

  #showNext(): void {
    if (this.#reading !== undefined) this.#next.show(this.#reading, this.#names!, this.#steps.current.draw);
  }

  /** Does a step after those before it, once the model has read the text. */
  #do(step: () => Promise<void>): void {
    this.#queue = this.#queue.then(async () => {
      try {
        await this.#newest.request(() => (this.#reading === undefined ? this.#read() : Promise.resolve()));
        await this.#parts.settled();
        if (this.#reading !== undefined) await step();
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  async #draw(): Promise<void> {
    const draw = this.#next.draw(this.#reading!, this.#steps.current.draw);
    await this.#append(draw.hit.id, draw);
    this.#say(`Drawn: ${this.#names!.quoted(draw.hit.id)}.`);
  }

  #drawAgain(): void {
    this.#do(async () => {
      if (this.#steps.current.draw === undefined) return;
      this.#undo('undo');
      this.#next.changeSeed();
      this.step();
    });
  }

  async #takeLikeliest(): Promise<void> {
    const { next, changed = next } = this.#reading!;
    const id = changed.ids[0]!;
    await this.#append(id);
    this.#say(`Likeliest: ${this.#names!.quoted(id)}.`);
  }

  /** Puts a token at the caret. */
  async #append(id: number, draw?: Draw): Promise<void> {
    const version = this.#steps.current;
    const { tokenizer } = this.#model!;
    const { ids } = this.#reading!;
    const decode = async (some: readonly number[]) => withLineFeeds(await tokenizer.decode(some));
    const [before, after] = await Promise.all([decode(ids), decode([...ids, id]), this.#names!.learn([id])]);
    if (version !== this.#steps.current) return;
    // A token may complete the character that the one before it began.
    const { at } = changeBetween(before, after);
    const added = after.slice(at);
    const head = version.text.slice(0, version.caret - (before.length - at));
    this.#steps.add({
      text: head + added + version.text.slice(version.caret),
      caret: head.length + added.length,
      ids: [...ids, id],
      draw,
    });
    this.#putText();
    this.#changed();
  }

  #showButtons(): void {
    const { step, again, greedy, undo, redo } = this.#buttons;
    const canStep =
      this.#model !== undefined && (this.#steps.current.caret > 0 || this.#reading !== undefined);
    step.disabled = !canStep;
    greedy.disabled = !canStep;
    again.disabled = !canStep || this.#steps.current.draw === undefined;
    undo.disabled = !this.#steps.canUndo;
    redo.disabled = !this.#steps.canRedo;
  }

  #say(message: string): void {
    this.#said.textContent = message;
  }

  #fail(error: unknown): void {
    // The model was replaced meanwhile.
    if (!(error instanceof Gpt2Error && error.code === 'disposed')) this.#events.onError(error);
  }
}

function noteOn(reading: Reading | undefined): string {
  if (reading === undefined) return 'Write something for the model to read.';
  const count = reading.ids.length;
  return reading.isCut ? `The text is longer than the context: only its last ${count} tokens are read.` : '';
}
