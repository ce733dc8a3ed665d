import { counted } from '../../base/counted.js';
import { fromWire } from '../../worker/protocol.js';
import { wireSource } from '../../worker/wire_source.js';
import type { ModelChoice } from '../model/model_request.js';
import { filesLength, freeName, type TaughtModels } from '../model/taught_models.js';
import { byId, make } from '../page/dom.js';
import { downloadLinks } from './downloads.js';
import { fileName } from './file_name.js';
import { isRunning, LessonButtons, type LessonState } from './lesson_buttons.js';
import { LessonProgress } from './lesson_progress.js';
import { LessonSettings } from './lesson_settings.js';
import { LessonText } from './lesson_text.js';
import { LessonWorker } from './lesson_worker.js';
import type { Report, Saved } from './protocol.js';

/** A model that can be trained. */
export interface TeachableModel extends ModelChoice {
  readonly contextLength: number;
}

export interface TeachEvents {
  /** The current model. */
  model(): TeachableModel | undefined;
  /** The user wants to write with a trained model. */
  onWrite(taught: ModelChoice): void;
  /** A trained model was stored. */
  onStored(): void;
  onError(error: Error): void;
  /** Whether a lesson is running, which the page shows in the other view. */
  onRunning(isRunning: boolean): void;
}

/** End of the name of a taught model. */
const TAUGHT = ', taught';
const IS_TAUGHT = /, taught(?: \d+)?$/;

/** The view that trains the model on the user's text, in a worker, and stores the trained model. */
export class TeachPanel {
  readonly text = new LessonText(() => this.#show());
  readonly #events: TeachEvents;
  readonly #models: TaughtModels;
  readonly #worker = new LessonWorker((report) => this.#receive(report));
  readonly #progress = new LessonProgress(byId('lesson-progress', HTMLElement), 'lesson', {
    training: 'loss on the training text',
    validation: 'on held-out text',
  });
  readonly #settings = new LessonSettings();
  readonly #buttons = new LessonButtons({
    onRun: () => this.toggle(),
    onAgain: () => this.#startAnew(),
    onWrite: () => this.#writeWithIt(),
    onDownload: () => {
      this.#set('saving', 'Packing \u2026');
      if (this.#worker.runs) this.#worker.pack(this.#saved!);
      else void this.#offer(undefined);
    },
  });
  readonly #summary = byId('lesson-summary', HTMLElement);
  readonly #downloads = byId('lesson-downloads', HTMLElement);
  #state: LessonState = 'idle';
  /** State after 'saving'. */
  #rest: 'resting' | 'finished' = 'resting';
  #lesson: { readonly id: string; readonly name: string; readonly base: ModelChoice } | undefined;
  /** Beginning of the samples of the current lesson. */
  #samplePrompt = '';
  #step = 0;
  #saved: Saved | undefined;
  /** Whether the trained model is stored, in the browser or as a download. */
  #isStored = true;

  constructor(models: TaughtModels, events: TeachEvents) {
    this.#models = models;
    this.#events = events;
    this.#downloads.addEventListener('click', ({ target }) => {
      if (target instanceof HTMLAnchorElement) this.#isStored = true;
    });
    this.#show();
  }

  /** Whether closing the page would lose a running lesson, or a trained model that is not stored. */
  get wouldLose(): boolean {
    return isRunning(this.#state) || !this.#isStored;
  }

  /** Does what the main button does. */
  toggle(): void {
    switch (this.#state) {
      case 'idle':
        void this.#begin();
        break;
      case 'finished':
        this.#writeWithIt();
        break;
      case 'preparing':
        this.#worker.dispose();
        this.#progress.hide();
        this.#set('idle', 'Cancelled.');
        break;
      case 'running':
        this.#worker.stop();
        this.#set('stopping', 'Stopping after this step \u2026');
        break;
      case 'resting':
        this.#saved = undefined;
        this.#worker.resume();
        this.#set('running', 'Learning \u2026');
    }
  }

  /** Adds files to learn from, unless a lesson has begun. */
  addFiles(files: Iterable<File>): void {
    if (this.#state === 'idle') this.text.add(files);
    else this.#summary.textContent = 'This lesson has begun. Choose New lesson to learn from other files.';
  }

  /** Shows the model that would learn. The page calls this when the model changes. */
  showModel(): void {
    this.#show();
  }

  async #begin(): Promise<void> {
    const model = this.#events.model();
    const { files } = this.text;
    if (model === undefined || files.length === 0) return;
    const { source, base, contextLength } = model;
    // An adapter that was learned on top of another stays as it is if that one is forgotten.
    const adapters = model.adapters.map(({ name, files }) => ({ name, files }));
    const settings = this.#settings.read();
    this.#samplePrompt = settings.prompt;
    this.#saved = undefined;
    this.#step = 0;
    this.#progress.begin();
    this.#set('preparing', 'Preparing \u2026');
    const taken = (await this.#models.list()).map(({ name }) => name);
    const name = freeName(`${model.name.replace(IS_TAUGHT, '')}${TAUGHT}`, [...taken, model.name]);
    const wire = await wireSource(source);
    if (this.#state !== 'preparing') return;
    this.#lesson = { id: new Date().toISOString(), name, base: { source, adapters, base, name: model.name } };
    this.#worker.begin({
      source: wire,
      adapters,
      name: fileName(name),
      contextLength,
      files,
      ...settings,
    });
  }

  /** Ends a lesson, so that text and settings of the next one can be chosen. */
  #startAnew(): void {
    const question = 'The trained model is not stored and will be lost. Begin a new lesson anyway?';
    if (!this.#isStored && !confirm(question)) return;
    this.#worker.dispose();
    this.#isStored = true;
    this.#saved = undefined;
    this.#progress.hide();
    this.#set('idle', '');
    // The pressed button is hidden now.
    byId('lesson-text', HTMLTextAreaElement).focus();
  }

  #receive(message: Report): void {
    switch (message.report) {
      case 'preparing':
        this.#progress.preparing(message.text);
        break;
      case 'ready':
        this.#progress.ready(message.steps, message.about);
        this.#set('running', 'Learning \u2026');
        break;
      case 'step':
        this.#step = message.step.step;
        this.#isStored = false;
        this.#progress.step(message.step);
        break;
      case 'sample':
        this.#progress.sample(message.step, this.#samplePrompt, message.text);
        break;
      case 'rest':
        this.#rest = message.finished ? 'finished' : 'resting';
        this.#set('saving', `${this.#result} Saving \u2026`);
        this.#worker.save();
        break;
      case 'saved':
        this.#saved = message.saved;
        void this.#store(message.saved);
        break;
      case 'packed':
        void this.#offer(message.gguf);
        break;
      case 'error':
        this.#fail();
        this.#events.onError(fromWire(message.error));
    }
  }

  #fail(): void {
    // If saving failed, the worker still has the trained model, unless it is what failed.
    if (this.#state === 'saving' && this.#worker.runs) {
      this.#set(this.#rest, '');
      return;
    }
    this.#worker.dispose();
    // Without a worker the lesson cannot go on; files that were saved before stay.
    this.#rest = 'finished';
    if (this.#saved === undefined) this.#isStored = true;
    this.#set(this.#saved === undefined ? 'idle' : 'finished', '');
  }

  get #result(): string {
    return this.#rest === 'finished'
      ? `Learned in ${counted(this.#step, 'step')}.`
      : `Stopped after step ${this.#step}.`;
  }

  /** Stores the trained model. It replaces what an earlier part of this lesson stored. */
  async #store(saved: Saved): Promise<void> {
    const { id } = this.#lesson!;
    const taught = this.#taught(saved);
    const isStored =
      this.#step > 0 && (await this.#models.keep({ id, ...taught, byteLength: filesLength(taught) }));
    this.#isStored = isStored || this.#step === 0;
    const where = isStored
      ? ` This browser stores it as \u201C${taught.name}\u201D.`
      : ' This browser has no storage for the page, or no room: download it before you leave.';
    this.#set(this.#rest, this.#result + (this.#step === 0 ? '' : where));
    if (isStored) this.#events.onStored();
  }

  #writeWithIt(): void {
    if (this.#saved !== undefined) this.#events.onWrite(this.#taught(this.#saved));
  }

  #taught({ files, isAdapter }: Saved): ModelChoice {
    const { name, base } = this.#lesson!;
    if (!isAdapter) return { source: [...files], base: name, name, adapters: [] };
    return { ...base, name, adapters: [...base.adapters, { name, files }] };
  }

  async #offer(gguf: File | undefined): Promise<void> {
    const { files, isAdapter } = this.#saved!;
    try {
      const { zipOf } = await import('../model/zip.js');
      const zip = await zipOf(fileName(this.#lesson!.name) + (isAdapter ? '-adapter' : ''), files);
      this.#downloads.replaceChildren(...downloadLinks({ gguf, zip, isAdapter, curve: this.#progress.svg }));
      this.#set(this.#rest, 'Ready to download.');
      this.#downloads.querySelector('a')?.focus();
    } catch (error) {
      this.#set(this.#rest, '');
      this.#events.onError(error as Error);
    }
  }

  #set(state: LessonState, summary: string): void {
    this.#state = state;
    this.#summary.textContent = summary;
    if (this.#saved === undefined) this.#downloads.replaceChildren();
    this.#show();
  }

  #show(): void {
    const state = this.#state;
    const model = this.#events.model();
    this.#settings.disabled = state !== 'idle';
    const canBegin = model !== undefined && this.text.files.length > 0;
    this.#buttons.show(state, canBegin, this.#saved !== undefined);
    this.#downloads.hidden = this.#downloads.childElementCount === 0;
    byId('lesson-pupil', HTMLElement).replaceChildren(
      ...(model === undefined ? ['No model is loaded.'] : [make('b', {}, model.name), ' will learn.']),
    );
    this.#events.onRunning(isRunning(state));
  }
}
