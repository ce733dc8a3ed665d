import { planOf } from '../choices/choice_plan.js';
import type { ChoiceStore } from '../choices/choice_store.js';
import { type LearnedAdapters, modelKey } from '../model/learned_adapters.js';
import type { LearnedSwitch } from '../model/learned_switch.js';
import { byId, make } from '../page/dom.js';
import { ChoiceLesson, type ChoiceLessonState } from './choice_lesson.js';
import { ChoiceList } from './choice_list.js';
import { ChoiceSettings } from './choice_settings.js';
import { LearnedList } from './learned_list.js';
import { LessonProgress } from './lesson_progress.js';
import type { TeachableModel } from './teach_panel.js';

export interface ChoicesViewEvents {
  /** The current model. */
  model(): TeachableModel | undefined;
  onWrite(): void;
  onError(error: unknown): void;
  /** A notice about an earlier failure is out of date. */
  onClear(): void;
  onRunning(isRunning: boolean): void;
}

const LEARN = 'Learn from my choices';

/** The part of the view Teach that shows the user's choices and learns from them. */
export class ChoicesView {
  readonly list: ChoiceList;
  readonly #events: ChoicesViewEvents;
  readonly #settings = new ChoiceSettings();
  readonly #lesson: ChoiceLesson;
  readonly #learned: LearnedList;
  readonly #switch = make('input', { type: 'checkbox', id: 'choices-kept' });
  readonly #run = make(
    'button',
    { type: 'button', id: 'choices-run', class: 'primary', 'aria-keyshortcuts': 'Control+Enter Meta+Enter' },
    LEARN,
  );
  readonly #write = make('button', { type: 'button', hidden: true }, 'Write with it');
  readonly #pupil = make('p', { class: 'meaning' });
  readonly #summary = make('p', { id: 'choices-summary', role: 'status' });

  constructor(
    section: HTMLElement,
    store: ChoiceStore,
    adapters: LearnedAdapters,
    learnedSwitch: LearnedSwitch,
    events: ChoicesViewEvents,
  ) {
    this.#events = events;
    this.list = new ChoiceList(store, {
      onShown: () => this.#show(),
      onSay: (message) => this.#say(message),
      onError: (error) => events.onError(error),
    });
    this.#learned = new LearnedList(adapters, learnedSwitch, {
      current: () => events.model(),
      onWrite: () => events.onWrite(),
      onError: (error) => events.onError(error),
    });
    const box = make('div', { hidden: true });
    const progress = new LessonProgress(box, 'choices', {
      training: 'loss',
      validation: 'on held-out choices',
      lossLabel: 'loss',
    });
    this.#lesson = new ChoiceLesson(adapters, progress, {
      onState: (state, summary) => {
        this.#say(summary);
        this.#show();
        events.onRunning(state !== 'idle');
      },
      onError: (error) => events.onError(error),
    });
    this.#run.addEventListener('click', () => this.toggle());
    this.#write.addEventListener('click', () => {
      void learnedSwitch.set(this.#lesson.learned?.id);
      events.onWrite();
    });
    adapters.onChange(async () => {
      this.#lesson.forgetUnless(await adapters.list());
      this.#show();
    });
    this.#followSwitch();
    section.append(
      make(
        'div',
        { class: 'scroll' },
        make(
          'div',
          { class: 'lesson' },
          ...this.#intro(),
          this.#settings.element,
          box,
          this.#learned.element,
          this.list.element,
        ),
      ),
      make(
        'div',
        { class: 'tools' },
        make('fieldset', { class: 'row', 'aria-label': 'Learning' }, this.#run, this.#write),
        this.#summary,
      ),
    );
    void this.refresh();
  }

  /** Whether closing the page would lose a running lesson. */
  get wouldLose(): boolean {
    return this.#lesson.state !== 'idle';
  }

  /** Shows what is stored, and the model that would learn. */
  async refresh(): Promise<void> {
    await Promise.all([this.list.refresh(), this.#learned.refresh()]);
  }

  /** Does what the main button does. */
  toggle(): void {
    if (this.#lesson.state !== 'idle') {
      this.#lesson.stop();
      return;
    }
    const model = this.#events.model();
    if (model === undefined) return;
    this.#events.onClear();
    void this.#lesson.begin(model, this.list.choices, this.#settings.read());
  }

  #intro(): HTMLElement[] {
    return [
      make('h2', { id: 'choices-heading' }, LEARN),
      make(
        'p',
        {},
        'Thumbs, and your choices among continuations and among alternatives, stay in this browser: nothing is sent. ' +
          'A small adapter learns from them, which you switch on and off under Model.',
      ),
      make('label', { class: 'check' }, this.#switch, 'Keep my choices while I write'),
      this.#pupil,
    ];
  }

  /** Shows and changes the switch of the view Write. */
  #followSwitch(): void {
    const other = byId('keep-choices', HTMLInputElement);
    this.#switch.checked = other.checked;
    other.addEventListener('change', () => {
      this.#switch.checked = other.checked;
    });
    this.#switch.addEventListener('change', () => {
      if (other.checked !== this.#switch.checked) other.click();
    });
  }

  #say(message: string): void {
    this.#summary.textContent = message;
  }

  #show(): void {
    const { state } = this.#lesson;
    const model = this.#events.model();
    const isBusy = state !== 'idle';
    const plan = planOf(this.list.choices);
    this.#settings.element.disabled = isBusy;
    this.#run.textContent = LABELS[state];
    this.#run.classList.toggle('stop', isBusy);
    const { learned } = this.#lesson;
    this.#write.hidden = learned === undefined;
    this.#write.disabled = isBusy || model === undefined || learned?.model !== modelKey(model);
    this.#run.disabled =
      state === 'stopping' || (!isBusy && (model === undefined || typeof plan === 'string'));
    if (model === undefined) this.#pupil.textContent = 'No model is loaded.';
    else if (typeof plan === 'string') this.#pupil.textContent = plan;
    else this.#pupil.replaceChildren(make('b', {}, model.base), ` learns ${HOW[plan.loss]}.`);
  }
}

const LABELS: Readonly<Record<ChoiceLessonState, string>> = {
  idle: LEARN,
  preparing: 'Cancel',
  running: 'Stop',
  stopping: 'Stopping',
};

const HOW = {
  dpo: 'from your preferences (DPO)',
  kto: 'from your thumbs (KTO), as which preferences count too',
};
