import { Gpt2Error } from '../../base/errors.js';
import type { Completion, TopToken } from '../../generate/completion.js';
import type { WorkerModel } from '../../worker/worker_model.js';
import type { ChoiceStore } from '../choices/choice_store.js';
import { DocumentBar } from '../document/document_bar.js';
import { tokenAt, withLineFeeds } from '../document/tokenized_text.js';
import { TypingSteps } from '../document/typing_steps.js';
import { Alternatives } from '../editor/alternatives.js';
import { Editor } from '../editor/editor.js';
import { canHighlight } from '../editor/token_highlights.js';
import { byId } from '../page/dom.js';
import { rememberSwitch } from '../page/local_storage.js';
import { SamplingPanel } from '../sampling/sampling_panel.js';
import { Choosing } from './choosing.js';
import { DrawSchedule } from './draw_schedule.js';
import { Figures } from './figures.js';
import { GenerationProgress } from './generation_progress.js';
import { fullContext, outcomeOf } from './outcome.js';
import { makeStarters } from './starters.js';
import { TargetLine } from './target_line.js';
import { type Direction, listenForUndo } from './undo_keys.js';
import { Writer } from './writer.js';

/** Delay after typing or scrolling before the model is asked for log-probabilities. */
const ANNOTATE_AFTER_MS = 400;

export interface WriteEvents {
  /** Name of the current model. */
  modelName(): string;
  /** The user wants to see the choices. */
  onSeeChoices(): void;
  /** A notice about an earlier failure is out of date. */
  onClear(): void;
  /** A generation failed, or a file could not be read. */
  onError(error: unknown): void;
}

/** The view in which the user writes with the model. */
export class WriteView {
  readonly #events: WriteEvents;
  readonly #run = byId('run', HTMLButtonElement);
  readonly #regenerate = byId('regenerate', HTMLButtonElement);
  readonly #undo = byId('undo', HTMLButtonElement);
  readonly #redo = byId('redo', HTMLButtonElement);
  readonly #alternativesButton = byId('alternatives-button', HTMLButtonElement);
  readonly #summary = byId('summary', HTMLElement);
  readonly #starters = makeStarters((text) => {
    this.#change(text);
    this.focus();
  });
  readonly #editor = new Editor();
  readonly #figures = new Figures();
  readonly #sampling = new SamplingPanel(byId('sampling', HTMLElement));
  readonly #typing = new TypingSteps();
  readonly #drawing = new DrawSchedule(() => this.#draw());
  readonly #writer = new Writer({
    onText: () => {
      const { end } = this.#writer;
      if (end !== undefined) this.#progress?.noteToken(end);
      this.#drawing.request();
    },
    onGenerating: () => this.#drawing.draw(),
  });
  readonly #target = new TargetLine(this.#run, this.#editor, this.#writer, this.#figures);
  readonly #document = new DocumentBar({
    text: () => this.#writer.content.text,
    isGenerating: () => this.#writer.isGenerating,
    onReplace: (text) => this.#change(text),
    onSay: (message) => this.say(message),
    onError: (error) => this.#events.onError(error),
  });
  readonly #alternatives = new Alternatives(this.#editor, {
    token: (index) => {
      const token = this.#writer.content.tokens[index];
      return token && !this.#writer.isGenerating ? { ...token, logprob: token.logprob } : undefined;
    },
    top: (index) => this.#writer.scores.top(index).catch((error) => String(error?.message ?? error)),
    canChoose: (index, token) => this.#writer.canStand(index, token),
    hint: (index) =>
      this.#writer.isAmidText(index) ? 'Choose one to put it there.' : 'Choose one to continue from there.',
    choose: (index, token) => {
      this.#keepToken(index, token);
      void this.#generate(this.#writer.replaced(index).from, () =>
        this.#writer.replace(index, token, this.#sampling.options()),
      );
    },
  });
  readonly #choosing: Choosing;
  #annotateTimer: ReturnType<typeof setTimeout> | undefined;
  #progress: GenerationProgress | undefined;
  /** Whether the view scrolls as the text grows. */
  #follows = false;

  constructor(choices: ChoiceStore, events: WriteEvents) {
    this.#events = events;
    this.#choosing = new Choosing(choices, {
      latest: () => this.#writer.continuation,
      modelName: () => events.modelName(),
      write: (index, signal) => this.#writer.variant(index, this.#sampling.shown(), signal),
      onTake: (text) => this.#take(text),
      onSay: (message) => this.say(message),
      onError: (error) => events.onError(error),
    });
    this.#listenToButtons();
    this.#listenToEditor();
    rememberSwitch('colours', (isOn) => document.body.classList.toggle('plain', !isOn));
    rememberSwitch('hover');
    if (!canHighlight) {
      const colours = byId('colours', HTMLInputElement);
      colours.disabled = true;
      colours.title = 'This browser cannot colour tokens.';
    }
    this.#writer.edit(this.#document.read());
    this.#drawing.draw();
    this.#editor.select(this.#writer.content.text.length);
  }

  /** Sets the model, or none. */
  setModel(model: WorkerModel | undefined): void {
    this.leave();
    this.#writer.setModel(model);
    this.#figures.showModel(model);
    if (model !== undefined) this.#sampling.limitLength(model.config.contextLength);
    this.#drawing.draw();
    this.#annotateSoon(0);
  }

  /** Shows a message until the text changes. */
  say(...message: (Node | string)[]): void {
    this.#summary.replaceChildren(...message);
  }

  get text(): string {
    return this.#writer.content.text;
  }

  /** Replaces the text by that of a file. */
  open(file: File): void {
    void this.#document.open(file);
  }

  focus(): void {
    this.#editor.area.focus();
  }

  /** Called when another view is shown. */
  leave(): void {
    this.#alternatives.close();
    this.#choosing.close();
  }

  /** Starts or stops a generation. */
  toggle(): void {
    if (this.#writer.isGenerating) {
      this.stop();
      return;
    }
    const target = this.#target.range;
    void this.#generate(target.from, () => this.#writer.generate(target, this.#sampling.options()));
  }

  stop(): void {
    this.#writer.stop();
  }

  #draw(): void {
    const { content, model, isGenerating, latest, end } = this.#writer;
    const { area } = this.#editor;
    area.readOnly = isGenerating;
    this.#editor.show(content);
    if (end !== undefined && this.#follows) this.#editor.reveal(end);
    const isEmpty = content.text === '';
    document.body.classList.toggle('generating', isGenerating);
    document.body.classList.toggle('empty', isEmpty);
    this.#run.disabled = model === undefined;
    this.#regenerate.disabled = isGenerating || model === undefined || latest === undefined;
    this.#undo.disabled = !this.#writer.canUndo;
    this.#redo.disabled = !this.#writer.canRedo;
    this.#alternativesButton.disabled = isGenerating || content.tokens.length === 0;
    this.#starters.hidden = !isEmpty;
    this.#document.show(isGenerating);
    this.#choosing.show(!isGenerating && model !== undefined);
    if (end !== undefined) this.#progress?.show(content, end);
    this.#target.show();
  }

  /** Runs a generation that starts at an offset, and says how it ended. */
  async #generate(from: number, run: () => Promise<Completion> | undefined): Promise<void> {
    const { model } = this.#writer;
    if (model === undefined || this.#writer.isGenerating) return;
    this.#prepare();
    this.say('Generating \u2026');
    this.#follows = this.#editor.isInSight(from);
    const running = run();
    if (running === undefined) {
      this.#changed();
      this.#putCaret(from);
      return;
    }
    const { contextLength } = model.config;
    const shift = () => {
      this.#sampling.shiftContext();
      this.toggle();
    };
    this.#progress = new GenerationProgress(this.#figures, from, this.#writer.content.tokens.length);
    try {
      const completion = await running;
      this.#progress.show(this.#writer.content, this.#writer.latest!.to, true);
      this.#figures.showCompletion(completion, model);
      this.say(...outcomeOf(completion, contextLength, shift));
    } catch (error) {
      this.say('');
      const code = error instanceof Gpt2Error ? error.code : undefined;
      if (code === 'context-full') this.say(...fullContext(contextLength, shift));
      else if (code !== 'disposed') this.#events.onError(error);
    } finally {
      this.#progress = undefined;
      this.#drawing.draw();
      const { latest } = this.#writer;
      if (latest !== undefined) this.#putCaret(latest.to);
      this.#annotateSoon(0);
    }
  }

  #annotateSoon(ms = ANNOTATE_AFTER_MS): void {
    clearTimeout(this.#annotateTimer);
    this.#annotateTimer = setTimeout(() => {
      this.#writer.scores.annotate(this.#editor.seen()).catch((error) => {
        if (!(error instanceof Gpt2Error && error.code === 'disposed')) this.#events.onError(error);
      });
    }, ms);
  }

  /** Ends what belongs to the previous text, before a change. */
  #prepare(): void {
    this.#events.onClear();
    this.leave();
    clearTimeout(this.#annotateTimer);
    this.#typing.end();
  }

  /** Updates the view after a change of the text. */
  #changed(): void {
    this.say('');
    this.leave();
    this.#drawing.draw();
    this.#annotateSoon();
  }

  /** Replaces the text, as one step to undo. */
  #change(text: string): void {
    this.#prepare();
    this.#writer.edit(text);
    this.#changed();
    this.#putCaret(text.length);
  }

  /** Puts a variant in place of the latest generation. */
  #take(text: string): void {
    this.#prepare();
    const end = this.#writer.take(text);
    this.#changed();
    this.#putCaret(end);
  }

  /** Stores that another token is preferred to one that the model wrote. */
  #keepToken(index: number, { text }: TopToken): void {
    const { from } = this.#writer.replaced(index);
    const before = this.#writer.content.tokens[index]!.text;
    if (this.#writer.isTyped(from + before.length)) return;
    const prompt = this.#writer.content.text.slice(0, from);
    void this.#choosing.prefer(prompt, withLineFeeds(text), [before]);
  }

  #step(direction: Direction): void {
    if (!(direction === 'undo' ? this.#writer.canUndo : this.#writer.canRedo)) return;
    this.#prepare();
    const caret = this.#writer.step(direction);
    this.#changed();
    this.#putCaret(caret);
    this.say(direction === 'undo' ? 'Undone.' : 'Redone.');
  }

  #putCaret(offset: number): void {
    this.#editor.select(offset);
    this.#target.show();
  }

  #openAlternatives(): void {
    const index = tokenAt(this.#writer.content.tokens, this.#editor.area.selectionEnd);
    if (index === undefined) this.say('The model has not read this part yet.');
    else void this.#alternatives.open(index, true);
  }

  #listenToButtons(): void {
    this.#run.addEventListener('click', ({ detail }) => {
      // The second click of a double click must not stop what the first one started.
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
    byId('see-choices', HTMLButtonElement).addEventListener('click', () => this.#events.onSeeChoices());
    byId('reset', HTMLButtonElement).addEventListener('click', () => this.#sampling.reset());
  }

  #listenToEditor(): void {
    const { area } = this.#editor;
    let caret = 0;
    area.addEventListener('beforeinput', () => {
      caret = area.selectionStart;
    });
    area.addEventListener('input', (event) => {
      const joins = this.#typing.joins(event as InputEvent, caret, area.selectionEnd);
      this.#writer.edit(area.value, joins, area.selectionEnd);
      this.#changed();
    });
    listenForUndo(area, (direction) => this.#step(direction));
    area.addEventListener('keydown', (event) => {
      if (!event.altKey || event.key !== 'ArrowDown') return;
      event.preventDefault();
      this.#openAlternatives();
    });
    document.addEventListener('selectionchange', () => this.#target.show());
    const annotateAfterScroll = () => {
      if (!this.#writer.isGenerating) this.#annotateSoon();
    };
    document.addEventListener('scroll', annotateAfterScroll, { capture: true, passive: true });
    const stopFollowing = () => {
      this.#follows = false;
    };
    area.addEventListener('wheel', stopFollowing, { passive: true });
  }
}
