import { Gpt2Error } from '../../base/errors.js';
import type { WorkerModel } from '../../worker/worker_model.js';
import { TextReader } from '../document/text_files.js';
import { make } from '../page/dom.js';
import type { ViewEvents } from '../page/view_events.js';
import { appendToken } from './append_token.js';
import type { Draw } from './draw.js';
import { ModelParts } from './model_parts.js';
import { Newest } from './newest.js';
import { NextPart } from './next_part.js';
import { type Reading, read } from './reading.js';
import { StepBar } from './step_bar.js';
import { StepText } from './step_text.js';
import { TokenNames } from './token_names.js';

const BEGINNING = 'Once upon a time there was a little';

/** The view that shows what a model computes: the next token, the tokens, attention and layers, and changes of them. */
export class InsideView {
  readonly #events: ViewEvents;
  readonly #text: StepText;
  readonly #next = new NextPart();
  readonly #parts = new ModelParts({
    onChanged: () => this.#showNext(),
    onError: (error) => this.#fail(error),
  });
  readonly #note = make('p', { class: 'meaning' });
  readonly #bar = new StepBar({
    onStep: () => this.step(),
    onDrawAgain: () => this.#do(() => this.#drawAgain()),
    onGreedy: () => this.#do(() => this.#takeLikeliest()),
    onUndo: (direction) => this.#text.undo(direction),
  });
  readonly #reader = new TextReader();
  readonly #newest = new Newest();
  #names: TokenNames | undefined;
  #model: WorkerModel | undefined;
  /** Of the current version; undefined until the model has read it. */
  #reading: Reading | undefined;
  /** Aborted when the text, its caret or the model changes. */
  #controller = new AbortController();
  /** Steps wait for those before them. */
  #queue: Promise<unknown> = Promise.resolve();
  #drawsAgain = false;

  constructor(section: HTMLElement, events: ViewEvents) {
    this.#events = events;
    this.#text = new StepText(events.writtenText() || BEGINNING, {
      onChange: () => this.#changed(),
      onFile: (file) => void this.open(file),
      onUndone: (direction) => this.#bar.say(direction === 'undo' ? 'Undone.' : 'Redone.'),
      writtenText: events.writtenText,
    });
    section.append(this.#body(), this.#bar.element);
    this.showModel();
  }

  /** Called when the model changes. */
  showModel(): void {
    this.#model = this.#events.model()?.model;
    this.#names = this.#model && new TokenNames(this.#model);
    if (this.#model !== undefined) this.#parts.showModel(this.#model);
    this.#text.forgetTokens();
    this.#changed();
  }

  /** Draws the next token. */
  step(): void {
    this.#do(() => this.#draw());
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

  /** Reads the current version, after a change of the text, the caret or the model. */
  #changed(): void {
    this.#events.onClear();
    this.#reading = undefined;
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#bar.say('');
    this.#showButtons();
    void this.#newest.request(() => this.#read());
  }

  async #read(): Promise<void> {
    const [model, names, version] = [this.#model, this.#names, this.#text.current];
    if (model === undefined || names === undefined) return;
    try {
      const reading = await read(model, version);
      if (reading !== undefined) await names.learn(NextPart.idsOf(reading, version.draw));
      if (model !== this.#model || version !== this.#text.current) return;
      this.#reading = reading;
      this.#note.textContent = noteOn(reading);
      this.#next.element.hidden = reading === undefined;
      this.#parts.element.hidden = reading === undefined;
      if (reading !== undefined) this.#parts.show({ model, names, reading, signal: this.#controller.signal });
    } catch (error) {
      this.#fail(error);
    }
  }

  #showNext(): void {
    if (this.#reading !== undefined) this.#next.show(this.#reading, this.#names!, this.#text.current.draw);
  }

  /** Does a step after those before it, once the model has read the text. */
  #do(step: () => Promise<void>): void {
    this.#queue = this.#queue.then(async () => {
      try {
        if (await this.#isRead()) await step();
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  /** Resolves when the model has read the text, with its changes; to false if there is nothing to read. */
  async #isRead(): Promise<boolean> {
    await this.#newest.request(() => (this.#reading === undefined ? this.#read() : Promise.resolve()));
    await this.#parts.settled();
    return this.#reading !== undefined;
  }

  async #draw(): Promise<void> {
    const draw = this.#next.draw(this.#reading!, this.#text.current.draw);
    await this.#append('Drawn', draw.hit.id, draw);
  }

  async #drawAgain(): Promise<void> {
    if (this.#text.current.draw === undefined) return;
    this.#drawsAgain = true;
    try {
      this.#text.step('undo');
      this.#next.changeSeed();
      if (await this.#isRead()) await this.#draw();
    } finally {
      this.#drawsAgain = false;
      this.#showButtons();
    }
  }

  #takeLikeliest(): Promise<void> {
    const { next, changed = next } = this.#reading!;
    return this.#append('Likeliest', changed.ids[0]!);
  }

  /** Puts a token at the caret, unless the text was changed meanwhile. */
  async #append(how: string, id: number, draw?: Draw): Promise<void> {
    const [model, names, version] = [this.#model!, this.#names!, this.#text.current];
    const { ids } = this.#reading!;
    const [longer] = await Promise.all([appendToken(model, version, ids, id, draw), names.learn([id])]);
    if (version !== this.#text.current) return;
    this.#text.add(longer);
    this.#bar.say(`${how}: ${names.quoted(id)}.`);
  }

  #showButtons(): void {
    const { caret, draw } = this.#text.current;
    const canStep = this.#model !== undefined && (caret > 0 || this.#model.config.bosTokenId !== undefined);
    this.#bar.enable({
      step: canStep,
      again: canStep && (draw !== undefined || this.#drawsAgain),
      greedy: canStep,
      undo: this.#text.can('undo'),
      redo: this.#text.can('redo'),
    });
  }

  #fail(error: unknown): void {
    // The model was replaced meanwhile.
    if (!(error instanceof Gpt2Error && error.code === 'disposed')) this.#events.onError(error);
  }
}

function noteOn(reading: Reading | undefined): string {
  if (reading === undefined) return 'Write something for the model to read.';
  if (reading.isBeginning)
    return 'There is nothing before the caret. The model reads the token that begins a text, and says how texts begin.';
  const count = reading.ids.length;
  return reading.isCut ? `The text is longer than the context: only its last ${count} tokens are read.` : '';
}
