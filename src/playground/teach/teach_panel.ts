import type { ModelFiles } from '../../blob_source.js';
import { counted } from '../../counted.js';
import { fromWire } from '../../worker/protocol.js';
import { wireSource } from '../../worker/worker_model.js';
import { byId, make } from '../dom.js';
import { downloadLinks } from './downloads.js';
import { LessonProgress } from './lesson_progress.js';
import { LessonText } from './lesson_text.js';
import type { Adapter, Report, Saved } from './protocol.js';
import { Teacher } from './teacher.js';

/** A model: files or their address, and what was added to it. */
export interface Taught {
  readonly source: string | URL | ModelFiles;
  readonly adapters: readonly Adapter[];
}

/** The model that is to learn. */
export interface Pupil extends Taught {
  readonly name: string;
  readonly contextLength: number;
}

export interface TeachEvents {
  /** The model that is loaded. */
  pupil(): Pupil | undefined;
  /** Somebody wants to write with a trained model. */
  onWrite(taught: Taught, name: string): void;
  onError(error: Error): void;
  /** Whether a run goes on, for the page to say so elsewhere. */
  onRunning(isRunning: boolean): void;
}

/** What a trained model is called after its first lesson, and after the next ones. */
const TAUGHT = ', taught';

type State = 'idle' | 'preparing' | 'running' | 'stopping' | 'resting' | 'finished' | 'saving';

/** Trains the model on a person's own text while the rest of the page goes on. */
export class TeachPanel {
  readonly text = new LessonText(() => this.#show());
  readonly #events: TeachEvents;
  readonly #teacher = new Teacher((report) => this.#receive(report));
  readonly #progress = new LessonProgress();
  readonly #run = byId('lesson-run', HTMLButtonElement);
  readonly #again = byId('lesson-again', HTMLButtonElement);
  readonly #write = byId('lesson-write', HTMLButtonElement);
  readonly #download = byId('lesson-download', HTMLButtonElement);
  readonly #summary = byId('lesson-summary', HTMLElement);
  readonly #downloads = byId('lesson-downloads', HTMLElement);
  readonly #steps = byId('lesson-steps', HTMLInputElement);
  readonly #rate = byId('lesson-rate', HTMLSelectElement);
  readonly #prompt = byId('lesson-prompt', HTMLInputElement);
  readonly #kind = byId('lesson-kind', HTMLSelectElement);
  #state: State = 'idle';
  #name = '';
  /** Of the run under way. */
  #samplePrompt = '';
  #base: Taught | undefined;
  #step = 0;
  #saved: Saved | undefined;
  #whenSaved: ((saved: Saved) => void) | undefined;

  constructor(events: TeachEvents) {
    this.#events = events;
    this.#run.addEventListener('click', () => this.toggle());
    this.#again.addEventListener('click', () => this.#begin());
    this.#write.addEventListener('click', () =>
      this.#withSaved((saved) => events.onWrite(this.#taught(saved), this.#name)),
    );
    this.#download.addEventListener('click', () => this.#withSaved((saved) => this.#offer(saved)));
    this.#show();
  }

  /** What the chief button does. */
  toggle(): void {
    switch (this.#state) {
      case 'idle':
      case 'finished':
        this.#begin();
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

  /** Shows which model would learn; the page calls it when another one is loaded. */
  showPupil(): void {
    this.#show();
  }

  #begin(): void {
    const pupil = this.#events.pupil();
    const { files } = this.text;
    if (pupil === undefined || files.length === 0) return;
    const { source, adapters, contextLength } = pupil;
    this.#base = { source, adapters };
    const steps = Math.round(Math.min(100_000, Math.max(1, Number(this.#steps.value) || 100)));
    this.#steps.value = String(steps);
    this.#name = pupil.name.endsWith(TAUGHT) ? pupil.name : `${pupil.name}${TAUGHT}`;
    this.#samplePrompt = this.#prompt.value;
    this.#saved = undefined;
    this.#step = 0;
    this.#progress.begin(steps);
    const options = { steps, learningRate: Number(this.#rate.value), prompt: this.#samplePrompt };
    const name = this.#name.replace(/^.*\//, '').replaceAll(/[^\w.-]+/g, '-');
    const isAdapter = this.#kind.value === 'adapter';
    this.#teacher.begin({
      source: wireSource(source),
      adapters,
      isAdapter,
      name,
      contextLength,
      files,
      ...options,
    });
    this.#set('preparing', 'Preparing \u2026');
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
        this.#progress.step(message.step);
        break;
      case 'sample':
        this.#progress.sample(message.step, this.#samplePrompt, message.text);
        break;
      case 'rest':
        if (message.finished)
          this.#set('finished', `Learned in ${counted(this.#step, 'step')}. Write with it.`);
        else this.#set('resting', `Stopped after step ${this.#step}.`);
        break;
      case 'saved':
        this.#saved = message.saved;
        this.#set(this.#rest, '');
        this.#whenSaved?.(message.saved);
        break;
      case 'error':
        // What was learned before a model could not be saved is still there.
        if (this.#state !== 'saving') this.#teacher.dispose();
        this.#set(this.#state === 'saving' ? this.#rest : 'idle', '');
        this.#events.onError(fromWire(message.error));
    }
  }

  /** Gives the model as it is now, which the worker writes once. */
  #withSaved(use: (saved: Saved) => void): void {
    if (this.#saved !== undefined) {
      use(this.#saved);
      return;
    }
    this.#rest = this.#state === 'finished' ? 'finished' : 'resting';
    this.#whenSaved = use;
    this.#teacher.save();
    this.#set('saving', 'Saving \u2026');
  }

  #taught({ files, isAdapter }: Saved): Taught {
    const { source, adapters } = this.#base!;
    if (isAdapter) return { source, adapters: [...adapters, files] };
    return { source: files, adapters: [] };
  }

  #rest: 'resting' | 'finished' = 'resting';

  #offer(saved: Saved): void {
    this.#downloads.replaceChildren(...downloadLinks(saved, this.#progress.svg));
    this.#show();
    this.#downloads.querySelector('a')?.focus();
  }

  #set(state: State, summary: string): void {
    this.#state = state;
    this.#summary.textContent = summary;
    this.#show();
  }

  #show(): void {
    const state = this.#state;
    const isRunning = state === 'preparing' || state === 'running' || state === 'stopping';
    const isResting = state === 'resting' || state === 'finished';
    const pupil = this.#events.pupil();
    const canBegin = pupil !== undefined && this.text.files.length > 0;
    this.#run.textContent = LABELS[state];
    this.#run.classList.toggle('stop', isRunning);
    this.#run.disabled =
      state === 'stopping' || state === 'saving' || (state !== 'resting' && !isRunning && !canBegin);
    this.#again.hidden = state !== 'resting';
    this.#again.disabled = !canBegin;
    this.#write.disabled = !isResting;
    this.#download.disabled = !isResting;
    this.#downloads.hidden = this.#saved === undefined || this.#downloads.childElementCount === 0;
    byId('lesson-pupil', HTMLElement).replaceChildren(
      ...(pupil === undefined ? ['No model is loaded.'] : [make('b', {}, pupil.name), ' will learn.']),
    );
    this.#events.onRunning(isRunning);
  }
}

const LABELS: Readonly<Record<State, string>> = {
  idle: 'Start',
  preparing: 'Cancel',
  running: 'Stop',
  stopping: 'Stopping',
  resting: 'Go on',
  finished: 'Start again',
  saving: 'Saving',
};
