import { Gpt2Error } from '../../base/errors.js';
import type { Completion } from '../../generate/completion.js';
import type { WorkerModel } from '../../worker/worker_model.js';
import { DocumentBar } from '../document/document_bar.js';
import { isCovered, type Place, tokenAt } from '../document/tokenized_text.js';
import { Typing } from '../document/typing_steps.js';
import { Alternatives } from '../editor/alternatives.js';
import { Surface } from '../editor/editor.js';
import { canHighlight } from '../editor/token_highlights.js';
import { byId, make } from '../page/dom.js';
import { rememberSwitch } from '../page/local_storage.js';
import { SamplingControls } from '../sampling/sampling_controls.js';
import { Announcer } from './announcer.js';
import { Figures } from './figures.js';
import { Writer } from './writer.js';

const BEGINNINGS = ['Once upon a time', 'Lily saw a big dog', 'One day, the little bird'];
/** The model is asked about a text if nothing is typed or scrolled for so long. */
const ANNOTATE_AFTER_MS = 400;

export interface WritingEvents {
  /** A notice about something that failed is out of date. */
  onClear(): void;
  /** A generation failed, or a file could not be read. */
  onError(error: unknown): void;
}

/** The view in which a person writes with the model. */
export class WritingView {
  readonly #events: WritingEvents;
  readonly #run = byId('run', HTMLButtonElement);
  readonly #regenerate = byId('regenerate', HTMLButtonElement);
  readonly #undo = byId('undo', HTMLButtonElement);
  readonly #redo = byId('redo', HTMLButtonElement);
  readonly #alternativesButton = byId('alternatives-button', HTMLButtonElement);
  readonly #summary = byId('summary', HTMLElement);
  readonly #meter = byId('meter', HTMLElement);
  readonly #starters = byId('starters', HTMLElement);
  readonly #surface = new Surface();
  readonly #figures = new Figures();
  readonly #sampling = new SamplingControls(byId('sampling', HTMLElement));
  readonly #announcer = new Announcer();
  readonly #typing = new Typing();
  readonly #writer = new Writer({
    onWriting: () => {
      this.#noteFirstToken();
      this.#drawSoon();
    },
    onGenerating: () => this.#draw(),
  });
  readonly #document = new DocumentBar({
    text: () => this.#writer.writing.text,
    onReplace: (text) => this.#change(text),
    onSay: (message) => this.say(message),
    onError: (error) => this.#events.onError(error),
  });
  readonly #alternatives = new Alternatives(this.#surface, {
    token: (index) => {
      const token = this.#writer.writing.tokens[index];
      return token && !this.#writer.isGenerating ? { ...token, logprob: token.logprob } : undefined;
    },
    top: (index) => this.#writer.top(index).catch((error) => String(error?.message ?? error)),
    canChoose: (index, token) => this.#writer.canStand(index, token),
    hint: (index) =>
      this.#writer.isAmidText(index) ? 'Choose one to put it there.' : 'Choose one to continue from there.',
    choose: (index, token) =>
      this.#generate(this.#writer.replaced(index).from, () =>
        this.#writer.replace(index, token, this.#sampling.options()),
      ),
  });
  #isDrawing = false;
  /** How long drawing took, with the layout of the text. */
  #drawMs = 0;
  #annotateTimer: ReturnType<typeof setTimeout> | undefined;
  /** Of the generation under way: the offset and count of tokens at which it began, and when its first token came. */
  #progress: { readonly from: number; readonly tokens: number; readonly firstAt?: number } | undefined;
  /** Whether the text is scrolled as it grows. */
  #follows = false;

  constructor(events: WritingEvents) {
    this.#events = events;
    this.#listen();
    rememberSwitch('colours', (isOn) => document.body.classList.toggle('plain', !isOn));
    rememberSwitch('hover');
    if (!canHighlight) {
      const colours = byId('colours', HTMLInputElement);
      colours.disabled = true;
      colours.title = 'This browser cannot colour tokens.';
    }
    for (const text of BEGINNINGS) {
      const starter = make('button', { type: 'button', class: 'quiet' }, text);
      starter.addEventListener('click', () => {
        this.#change(text);
        this.focus();
      });
      this.#starters.append(starter);
    }
    this.#writer.edit(this.#document.read());
    this.#draw();
    this.#surface.select(this.#writer.writing.text.length);
  }

  /** Another model, or none. */
  setModel(model: WorkerModel | undefined): void {
    this.#alternatives.close();
    this.#writer.setModel(model);
    this.#figures.showModel(model);
    if (model !== undefined) this.#sampling.limitLength(model.config.contextLength);
    this.#draw();
    this.#annotateSoon(0);
  }

  /** Says something until the text changes. */
  say(...message: (Node | string)[]): void {
    this.#summary.replaceChildren(...message);
  }

  /** Opens a text file in place of the text. */
  open(file: File): void {
    if (!this.#writer.isGenerating) void this.#document.open(file);
  }

  focus(): void {
    this.#surface.area.focus();
  }

  /** The view is left. */
  leave(): void {
    this.#alternatives.close();
  }

  /** Generates, or stops. */
  toggle(): void {
    if (this.#writer.isGenerating) {
      this.stop();
      return;
    }
    const place = this.#place;
    void this.#generate(place.from, () => this.#writer.generate(place, this.#sampling.options()));
  }

  stop(): void {
    this.#writer.stop();
  }

  /**
   * Draws with the next frame, once the tokens that have come are taken: a browser prefers frames to messages, so a token
   * would else wait for the frame of the one before. Drawing takes a third of the time at most, so that the page stays free.
   */
  #drawSoon(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    setTimeout(() => {
      // A page in the background has no frames.
      if (document.hidden) this.#draw();
      else requestAnimationFrame(() => this.#draw());
    }, 2 * this.#drawMs);
  }

  #draw(): void {
    const start = performance.now();
    this.#isDrawing = false;
    const { writing, model, isGenerating, latest, end } = this.#writer;
    const { area } = this.#surface;
    area.readOnly = isGenerating;
    this.#surface.show(writing);
    if (end !== undefined && this.#follows) this.#surface.reveal(end);
    const isEmpty = writing.text === '';
    document.body.classList.toggle('generating', isGenerating);
    document.body.classList.toggle('empty', isEmpty);
    this.#run.disabled = model === undefined;
    this.#regenerate.disabled = isGenerating || model === undefined || latest === undefined;
    this.#undo.disabled = !this.#writer.canUndo;
    this.#redo.disabled = !this.#writer.canRedo;
    this.#alternativesButton.disabled = isGenerating || writing.tokens.length === 0;
    this.#starters.hidden = !isEmpty;
    this.#document.show(isGenerating);
    if (end !== undefined && this.#progress !== undefined) this.#showProgress(end);
    this.#showPlace();
    this.#drawMs = performance.now() - start;
  }

  #noteFirstToken(): void {
    const { end } = this.#writer;
    const progress = this.#progress;
    if (progress !== undefined && progress.firstAt === undefined && end! > progress.from) {
      this.#progress = { ...progress, firstAt: performance.now() };
    }
  }

  /** Tells the text that is new, and how fast tokens come: those that are shown, in the time since the first one came. */
  #showProgress(end: number, isOver = false): void {
    const { writing } = this.#writer;
    const { from, tokens, firstAt } = this.#progress!;
    this.#announcer.tell(writing.text.slice(from, end), isOver);
    const count = writing.tokens.length - tokens - 1;
    if (firstAt !== undefined && count > 0) {
      this.#figures.showSpeed((1000 * count) / (performance.now() - firstAt));
    }
  }

  /** Where text will be generated: the caret or what is selected. */
  get #place(): Place {
    const { from, to } = this.#surface.selection;
    const { length } = this.#writer.writing.text;
    return { from: Math.min(from, length), to: Math.min(to, length) };
  }

  /** Says what Generate would do, and the chief figures. */
  #showPlace(): void {
    const { writing, model, isGenerating, latest } = this.#writer;
    const { from, to } = this.#place;
    const isAfterLatest = latest !== undefined && latest.to === from && from === to;
    this.#run.textContent = isGenerating ? 'Stop' : isAfterLatest ? 'Continue' : 'Generate';
    const where = from < to ? 'In place of the selection' : from < writing.text.length ? 'At the caret' : '';
    if (model !== undefined) {
      const count = isCovered(writing) ? writing.tokens.length : undefined;
      this.#figures.showContext(count, model.config.contextLength);
    }
    const parts = [isGenerating ? '' : where, this.#figures.line].filter((part) => part !== '');
    this.#meter.textContent = parts.join(' \u00B7 ');
  }

  /** Runs a generation that begins at an offset, and says how it ended. */
  async #generate(from: number, run: () => Promise<Completion> | undefined): Promise<void> {
    const { model } = this.#writer;
    if (model === undefined || this.#writer.isGenerating) return;
    this.#prepare();
    this.#announcer.begin();
    this.say('Generating \u2026');
    this.#follows = this.#surface.isInSight(from);
    const running = run();
    if (running === undefined) {
      this.#changed();
      this.#putCaret(from);
      return;
    }
    this.#progress = { from, tokens: this.#writer.writing.tokens.length };
    try {
      const completion = await running;
      this.#showProgress(this.#writer.latest!.to, true);
      this.#figures.showCompletion(completion, model);
      this.say(...this.#endOf(completion, model.config.contextLength));
    } catch (error) {
      this.say('');
      const code = error instanceof Gpt2Error ? error.code : undefined;
      if (code === 'context-full') this.say(...this.#fullContext(model.config.contextLength));
      else if (code !== 'disposed') this.#events.onError(error);
    } finally {
      this.#progress = undefined;
      this.#draw();
      const { latest } = this.#writer;
      if (latest !== undefined) this.#putCaret(latest.to);
      this.#annotateSoon(0);
    }
  }

  #endOf({ finishReason, usage }: Completion, contextLength: number): (Node | string)[] {
    const count = `${usage.completionTokens} token${usage.completionTokens === 1 ? '' : 's'}`;
    switch (finishReason) {
      case 'aborted':
        return [`Stopped after ${count}.`];
      case 'eos':
        return [`The model ended the text after ${count}. Continue goes beyond.`];
      case 'context':
        return this.#fullContext(contextLength);
      default:
        return [`${count}.`];
    }
  }

  /** Says that the context is full, which is no fault, with a button that continues. */
  #fullContext(contextLength: number): (Node | string)[] {
    const kept = Math.floor(contextLength / 2);
    const goOn = make('button', { type: 'button', class: 'quiet' }, `Continue from the last ${kept} tokens`);
    goOn.addEventListener('click', () => {
      this.#sampling.shiftContext();
      this.toggle();
    });
    return [`The text fills the context of ${contextLength} tokens. Take some away, or: `, goOn];
  }

  #annotateSoon(ms = ANNOTATE_AFTER_MS): void {
    clearTimeout(this.#annotateTimer);
    this.#annotateTimer = setTimeout(() => {
      this.#writer.annotate(this.#surface.seen()).catch((error) => {
        if (!(error instanceof Gpt2Error && error.code === 'disposed')) this.#events.onError(error);
      });
    }, ms);
  }

  /** Clears the way for something new. */
  #prepare(): void {
    this.#events.onClear();
    this.#alternatives.close();
    clearTimeout(this.#annotateTimer);
    this.#typing.end();
  }

  /** The text has changed: nothing that was said of it holds. */
  #changed(): void {
    this.say('');
    this.#alternatives.close();
    this.#draw();
    this.#annotateSoon();
  }

  /** Another text, as a step of its own. */
  #change(text: string): void {
    this.#prepare();
    this.#writer.edit(text);
    this.#changed();
    this.#putCaret(text.length);
  }

  #step(direction: 'undo' | 'redo'): void {
    if (!(direction === 'undo' ? this.#writer.canUndo : this.#writer.canRedo)) return;
    this.#prepare();
    const caret = this.#writer.step(direction);
    this.#changed();
    this.#putCaret(caret);
    this.say(direction === 'undo' ? 'Undone.' : 'Redone.');
  }

  #putCaret(offset: number): void {
    this.#surface.select(offset);
    this.#showPlace();
  }

  #openAlternatives(): void {
    const index = tokenAt(this.#writer.writing.tokens, this.#surface.area.selectionEnd);
    if (index === undefined) this.say('The model has not read this part yet.');
    else void this.#alternatives.open(index, true);
  }

  #listen(): void {
    const { area } = this.#surface;
    this.#run.addEventListener('click', ({ detail }) => {
      // The second click of a double click does not stop what the first began.
      if (detail < 2 || !this.#writer.isGenerating) this.toggle();
    });
    this.#regenerate.addEventListener('click', () => {
      const { latest } = this.#writer;
      if (latest !== undefined) {
        void this.#generate(latest.from, () => this.#writer.regenerate(this.#sampling.options()));
      }
    });
    this.#undo.addEventListener('click', () => this.#step('undo'));
    this.#redo.addEventListener('click', () => this.#step('redo'));
    this.#alternativesButton.addEventListener('click', () => this.#openAlternatives());
    byId('reset', HTMLButtonElement).addEventListener('click', () => this.#sampling.reset());
    let caret = 0;
    area.addEventListener('beforeinput', (event) => {
      caret = area.selectionStart;
      const step = { historyUndo: 'undo', historyRedo: 'redo' } as const;
      const direction = step[event.inputType as keyof typeof step];
      if (direction === undefined) return;
      event.preventDefault();
      this.#step(direction);
    });
    area.addEventListener('input', (event) => {
      const joins = this.#typing.joins(event as InputEvent, caret, area.selectionEnd);
      this.#writer.edit(area.value, joins);
      this.#changed();
    });
    area.addEventListener('keydown', (event) => {
      if (!event.altKey || event.key !== 'ArrowDown') return;
      event.preventDefault();
      this.#openAlternatives();
    });
    document.addEventListener('selectionchange', () => this.#showPlace());
    document.addEventListener('keydown', (event) => this.#undoKey(event));
    document.addEventListener(
      'scroll',
      () => {
        if (!this.#writer.isGenerating) this.#annotateSoon();
      },
      { capture: true, passive: true },
    );
    area.addEventListener(
      'wheel',
      () => {
        this.#follows = false;
      },
      { passive: true },
    );
  }

  /** Ctrl+Z, Ctrl+Shift+Z and Ctrl+Y, or with Command, wherever no other field has the keyboard. */
  #undoKey(event: KeyboardEvent): void {
    const { area } = this.#surface;
    const target = event.target as Element;
    if (!area.checkVisibility() || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (target !== area && target.matches('input, textarea, select')) return;
    const key = event.key.toLowerCase();
    if (key !== 'z' && key !== 'y') return;
    event.preventDefault();
    this.#step(key === 'y' || event.shiftKey ? 'redo' : 'undo');
  }
}
