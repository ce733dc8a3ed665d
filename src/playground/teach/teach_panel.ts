import { counted } from '../../base/counted.js';
import { fromWire } from '../../worker/protocol.js';
import { wireSource } from '../../worker/worker_model.js';
import type { Wish } from '../model/model_loader.js';
import { filesLength, freeName, type TaughtModels } from '../model/taught_models.js';
import { byId, make } from '../page/dom.js';
import { downloadLinks } from './downloads.js';
import { LessonProgress } from './lesson_progress.js';
import { LessonText } from './lesson_text.js';
import type { Report, Saved } from './protocol.js';
import { Teacher } from './teacher.js';

/** A model, however its weights are kept in memory. */
export type Taught = Omit<Wish, 'weights'>;

/** The model that is to learn. */
export interface Pupil extends Taught {
  readonly contextLength: number;
}

export interface TeachEvents {
  /** The model that is loaded. */
  pupil(): Pupil | undefined;
  /** The person wants to write with a trained model. */
  onWrite(taught: Taught): void;
  /** A trained model was stored. */
  onKept(): void;
  onError(error: Error): void;
  /** Whether a lesson is under way, for the page to show it elsewhere. */
  onRunning(isRunning: boolean): void;
}

/** Ends the name of a model that was taught. */
const TAUGHT = ', taught';
const IS_TAUGHT = /, taught(?: \d+)?$/;

type State = 'idle' | 'preparing' | 'running' | 'stopping' | 'resting' | 'finished' | 'saving';

/** Trains the model on a person's own text while the rest of the page stays usable, and stores what was trained. */
export class TeachPanel {
  readonly text = new LessonText(() => this.#show());
  readonly #events: TeachEvents;
  readonly #models: TaughtModels;
  readonly #teacher = new Teacher((report) => this.#receive(report));
  readonly #progress = new LessonProgress();
  readonly #run = byId('lesson-run', HTMLButtonElement);
  readonly #again = byId('lesson-again', HTMLButtonElement);
  readonly #write = byId('lesson-write', HTMLButtonElement);
  readonly #download = byId('lesson-download', HTMLButtonElement);
  readonly #summary = byId('lesson-summary', HTMLElement);
  readonly #downloads = byId('lesson-downloads', HTMLElement);
  readonly #settings = byId('lesson-settings', HTMLFieldSetElement);
  readonly #steps = byId('lesson-steps', HTMLInputElement);
  readonly #rate = byId('lesson-rate', HTMLSelectElement);
  readonly #prompt = byId('lesson-prompt', HTMLInputElement);
  readonly #kind = byId('lesson-kind', HTMLSelectElement);
  #state: State = 'idle';
  /** What 'saving' returns to. */
  #rest: 'resting' | 'finished' = 'resting';
  #lesson: { readonly id: string; readonly name: string; readonly base: Taught } | undefined;
  /** Of the lesson under way. */
  #samplePrompt = '';
  #step = 0;
  #saved: Saved | undefined;
  /** Whether what was learned is stored, here or as a download. */
  #isKept = true;

  constructor(models: TaughtModels, events: TeachEvents) {
    this.#models = models;
    this.#events = events;
    this.#run.addEventListener('click', () => this.toggle());
    this.#again.addEventListener('click', () => this.#startAnew());
    this.#write.addEventListener('click', () => this.#writeWithIt());
    this.#download.addEventListener('click', () => {
      this.#set('saving', 'Packing \u2026');
      this.#teacher.pack(this.#saved!);
    });
    this.#downloads.addEventListener('click', ({ target }) => {
      if (target instanceof HTMLAnchorElement) this.#isKept = true;
    });
    this.#show();
  }

  /** Whether something would be lost with the page: a lesson under way, or one that is not stored anywhere. */
  get wouldLose(): boolean {
    return this.#isRunning || !this.#isKept;
  }

  /** Does what the primary button does. */
  toggle(): void {
    switch (this.#state) {
      case 'idle':
        void this.#begin();
        break;
      case 'finished':
        this.#writeWithIt();
        break;
      case 'preparing':
        this.#teacher.dispose();
        this.#progress.hide();
        this.#set('idle', 'Cancelled.');
        break;
      case 'running':
        this.#teacher.stop();
        this.#set('stopping', 'Stopping after this step \u2026');
        break;
      case 'resting':
        this.#saved = undefined;
        this.#teacher.goOn();
        this.#set('running', 'Learning \u2026');
    }
  }

  /** Adds files to learn from; not to a lesson that has begun. */
  addFiles(files: Iterable<File>): void {
    if (this.#state === 'idle') this.text.add(files);
    else this.#summary.textContent = 'This lesson has begun: choose New lesson to learn from other files.';
  }

  /** Shows which model would learn; the page calls it when another one is loaded. */
  showPupil(): void {
    this.#show();
  }

  async #begin(): Promise<void> {
    const pupil = this.#events.pupil();
    const { files } = this.text;
    if (pupil === undefined || files.length === 0) return;
    const { source, adapters, base, contextLength } = pupil;
    const steps = Math.round(Math.min(100_000, Math.max(1, Number(this.#steps.value) || 100)));
    this.#steps.value = String(steps);
    this.#samplePrompt = this.#prompt.value;
    this.#saved = undefined;
    this.#step = 0;
    this.#progress.begin(steps);
    this.#set('preparing', 'Preparing \u2026');
    const taken = (await this.#models.list()).map(({ name }) => name);
    const name = freeName(`${pupil.name.replace(IS_TAUGHT, '')}${TAUGHT}`, [...taken, pupil.name]);
    if (this.#state !== 'preparing') return;
    this.#lesson = { id: new Date().toISOString(), name, base: { source, adapters, base, name: pupil.name } };
    this.#teacher.begin({
      source: wireSource(source),
      adapters,
      isAdapter: this.#kind.value === 'adapter',
      name: fileName(name),
      contextLength,
      files,
      ...{ steps, learningRate: Number(this.#rate.value), prompt: this.#samplePrompt },
    });
  }

  /** Leaves a lesson for the next one, whose text and settings can be chosen. */
  #startAnew(): void {
    const question = 'What was learned is stored nowhere and will be lost. Begin a new lesson all the same?';
    if (!this.#isKept && !confirm(question)) return;
    this.#teacher.dispose();
    this.#isKept = true;
    this.#saved = undefined;
    this.#progress.hide();
    this.#set('idle', '');
    // The button that was pressed is gone.
    byId('lesson-text', HTMLTextAreaElement).focus();
  }

  #receive(message: Report): void {
    switch (message.report) {
      case 'reading':
        this.#progress.reading(message.loaded, message.total);
        break;
      case 'ready':
        this.#progress.ready(message.tokens, message.tokensPerStep);
        this.#set('running', 'Learning \u2026');
        break;
      case 'step':
        this.#step = message.step.step;
        this.#isKept = false;
        this.#progress.step(message.step);
        break;
      case 'sample':
        this.#progress.sample(message.step, this.#samplePrompt, message.text);
        break;
      case 'rest':
        this.#rest = message.finished ? 'finished' : 'resting';
        this.#set('saving', `${this.#result} Saving \u2026`);
        this.#teacher.save();
        break;
      case 'saved':
        this.#saved = message.saved;
        void this.#keep(message.saved);
        break;
      case 'packed':
        void this.#offer(message.gguf);
        break;
      case 'error':
        // What was learned before a model could not be saved is still there.
        if (this.#state !== 'saving') this.#teacher.dispose();
        this.#set(this.#state === 'saving' ? this.#rest : 'idle', '');
        this.#events.onError(fromWire(message.error));
    }
  }

  get #result(): string {
    return this.#rest === 'finished'
      ? `Learned in ${counted(this.#step, 'step')}.`
      : `Stopped after step ${this.#step}.`;
  }

  /** Stores what was learned, in place of what an earlier part of this lesson stored. */
  async #keep(saved: Saved): Promise<void> {
    const { id } = this.#lesson!;
    const taught = this.#taught(saved);
    const isKept =
      this.#step > 0 && (await this.#models.keep({ id, ...taught, byteLength: filesLength(taught) }));
    this.#isKept = isKept || this.#step === 0;
    const where = isKept
      ? ` This browser keeps it as \u201C${taught.name}\u201D.`
      : ' This browser keeps nothing for the page, or has no room: download it before you leave.';
    this.#set(this.#rest, this.#result + (this.#step === 0 ? '' : where));
    if (isKept) this.#events.onKept();
  }

  #writeWithIt(): void {
    if (this.#saved !== undefined) this.#events.onWrite(this.#taught(this.#saved));
  }

  #taught({ files, isAdapter }: Saved): Taught {
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

  #set(state: State, summary: string): void {
    this.#state = state;
    this.#summary.textContent = summary;
    if (this.#saved === undefined) this.#downloads.replaceChildren();
    this.#show();
  }

  get #isRunning(): boolean {
    return this.#state === 'preparing' || this.#state === 'running' || this.#state === 'stopping';
  }

  #show(): void {
    const state = this.#state;
    const isResting = state === 'resting' || state === 'finished';
    const canUse = isResting && this.#saved !== undefined;
    const pupil = this.#events.pupil();
    const canBegin = pupil !== undefined && this.text.files.length > 0;
    this.#settings.disabled = state !== 'idle';
    this.#run.textContent = LABELS[state];
    this.#run.classList.toggle('stop', this.#isRunning);
    this.#run.disabled =
      state === 'stopping' ||
      state === 'saving' ||
      (state === 'idle' && !canBegin) ||
      (state === 'finished' && !canUse);
    this.#again.hidden = !isResting;
    this.#write.hidden = state === 'finished';
    this.#write.disabled = !canUse;
    this.#download.disabled = !canUse;
    this.#downloads.hidden = this.#downloads.childElementCount === 0;
    byId('lesson-pupil', HTMLElement).replaceChildren(
      ...(pupil === undefined ? ['No model is loaded.'] : [make('b', {}, pupil.name), ' will learn.']),
    );
    this.#events.onRunning(this.#isRunning);
  }
}

const LABELS: Readonly<Record<State, string>> = {
  idle: 'Start',
  preparing: 'Cancel',
  running: 'Stop',
  stopping: 'Stopping',
  resting: 'Go on',
  finished: 'Write with it',
  saving: 'Saving',
};

/** A model's name as one of a file. */
function fileName(name: string): string {
  return name.replace(/^.*\//, '').replaceAll(/[^\w.-]+/g, '-');
}
