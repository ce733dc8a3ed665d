import { counted } from '../../base/counted.js';
import { fromWire } from '../../worker/protocol.js';
import { wireSource } from '../../worker/wire_source.js';
import type { Choice } from '../choices/choice.js';
import { type ChoicePlan, planOf } from '../choices/choice_plan.js';
import { type LearnedAdapter, type LearnedAdapters, modelKey } from '../model/learned_adapters.js';
import { freeName } from '../model/taught_models.js';
import { fileName } from './file_name.js';
import type { LessonProgress } from './lesson_progress.js';
import { LessonWorker } from './lesson_worker.js';
import type { Accuracy, Report } from './protocol.js';
import type { TeachableModel } from './teach_panel.js';

export type ChoiceLessonState = 'idle' | 'preparing' | 'running' | 'stopping';

export interface ChoiceLessonEvents {
  /** The state or the sentence about it has changed. */
  onState(state: ChoiceLessonState, summary: string): void;
  onError(error: Error): void;
}

const NAME = 'My choices';
/** Characters of the end of a prompt that samples continue. */
const SAMPLE_PROMPT = 200;
const DEFAULT_PROMPT = 'Once upon a time';

/** Trains an adapter on choices, in a worker, and keeps it. */
export class ChoiceLesson {
  readonly #adapters: LearnedAdapters;
  readonly #progress: LessonProgress;
  readonly #events: ChoiceLessonEvents;
  readonly #worker = new LessonWorker((report) => this.#receive(report));
  #state: ChoiceLessonState = 'idle';
  #begun: { readonly model: TeachableModel; readonly plan: ChoicePlan; readonly prompt: string } | undefined;
  #step = 0;
  #accuracy: Accuracy | undefined;
  #learned: LearnedAdapter | undefined;

  constructor(adapters: LearnedAdapters, progress: LessonProgress, events: ChoiceLessonEvents) {
    this.#adapters = adapters;
    this.#progress = progress;
    this.#events = events;
  }

  get state(): ChoiceLessonState {
    return this.#state;
  }

  /** The result of the latest lesson. */
  get learned(): LearnedAdapter | undefined {
    return this.#learned;
  }

  /** Forgets the result unless it is among the adapters that are kept. */
  forgetUnless(kept: readonly LearnedAdapter[]): void {
    if (!kept.some(({ id }) => id === this.#learned?.id)) this.#learned = undefined;
  }

  /** Begins to learn from choices, the latest first. */
  async begin(
    model: TeachableModel,
    choices: readonly Choice[],
    settings: { readonly epochs: number; readonly learningRate: number },
  ): Promise<void> {
    const plan = planOf([...choices].reverse());
    if (typeof plan === 'string') {
      this.#set('idle', plan);
      return;
    }
    const prompt = samplePrompt(choices);
    this.#begun = { model, plan, prompt };
    this.#step = 0;
    this.#accuracy = undefined;
    this.#learned = undefined;
    this.#progress.begin();
    this.#set('preparing', 'Preparing \u2026');
    const source = await wireSource(model.source);
    if (this.#state !== 'preparing') return;
    this.#worker.begin({
      ...{ source, adapters: model.adapters.filter(({ id }) => id === undefined), prompt, ...settings },
      ...{ name: fileName(NAME), contextLength: model.contextLength, choices: plan, isAdapter: true },
    });
  }

  /** Stops after the current step and keeps what was learned; before the first step, ends at once. */
  stop(): void {
    if (this.#state === 'running') {
      this.#worker.stop();
      this.#set('stopping', 'Stopping after this step \u2026');
    } else if (this.#state === 'preparing') this.#end('Cancelled.');
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
        this.#progress.step(message.step);
        break;
      case 'sample':
        this.#progress.sample(message.step, this.#begun!.prompt, message.text);
        break;
      case 'accuracy':
        this.#accuracy = message.accuracy;
        break;
      case 'rest':
        if (this.#step === 0) this.#end('Stopped before the first step.');
        else this.#worker.save();
        break;
      case 'saved':
        void this.#keep(message.saved.files);
        break;
      case 'error':
        this.#end('');
        this.#events.onError(fromWire(message.error));
    }
  }

  async #keep(files: readonly File[]): Promise<void> {
    const { model } = this.#begun!;
    const now = new Date().toISOString();
    const name = freeName(
      NAME,
      (await this.#adapters.list()).map(({ name }) => name),
    );
    this.#learned = {
      ...{ id: now, name, files, model: modelKey(model), base: model.base, isOn: false },
      about: this.#about(now),
    };
    const isStored = await this.#adapters.keep(this.#learned);
    const where = isStored
      ? 'This browser stores it'
      : 'This browser has no storage for the page, or no room. Download it before you leave; it is kept until then';
    this.#worker.dispose();
    this.#set('idle', `Learned in ${counted(this.#step, 'step')}. ${where} as \u201C${name}\u201D.`);
  }

  #about(now: string): string {
    const { loss, examples } = this.#begun!.plan;
    const { examples: held = 0, share = 0 } = this.#accuracy ?? {};
    const noun = loss === 'dpo' ? 'preference' : 'thumb';
    const day = new Date(now).toLocaleDateString('en', { dateStyle: 'medium' });
    const learned = `${counted(examples.length, noun)}, ${counted(this.#step, 'step')}, ${day}.`;
    if (held === 0) return learned;
    const right = loss === 'dpo' ? 'It follows your choice' : 'It tells good from bad';
    const percent = `${Math.round(100 * share)} %`;
    return `${learned} ${right} in ${percent} of ${counted(held, noun)} held out; chance is 50 %.`;
  }

  #end(summary: string): void {
    this.#worker.dispose();
    if (this.#step === 0) this.#progress.hide();
    this.#set('idle', summary);
  }

  #set(state: ChoiceLessonState, summary: string): void {
    this.#state = state;
    this.#events.onState(state, summary);
  }
}

/** The end of the latest prompt that is not empty. */
function samplePrompt(choices: readonly Choice[]): string {
  const prompt = choices.find((choice) => choice.prompt.trim() !== '')?.prompt ?? DEFAULT_PROMPT;
  if (prompt.length <= SAMPLE_PROMPT) return prompt;
  const end = prompt.slice(-SAMPLE_PROMPT);
  return end.slice(Math.max(0, end.search(/\s/)));
}
