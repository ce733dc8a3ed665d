import { byId } from '../page/dom.js';

export type LessonState = 'idle' | 'preparing' | 'running' | 'stopping' | 'resting' | 'finished' | 'saving';

/** Labels of the main button. */
const LABELS: Readonly<Record<LessonState, string>> = {
  idle: 'Start',
  preparing: 'Cancel',
  running: 'Stop',
  stopping: 'Stopping',
  resting: 'Continue',
  finished: 'Write with it',
  saving: 'Saving',
};

export interface LessonButtonEvents {
  onRun(): void;
  onAgain(): void;
  onWrite(): void;
  onDownload(): void;
}

/** Whether a lesson in this state computes. */
export function isRunning(state: LessonState): boolean {
  return state === 'preparing' || state === 'running' || state === 'stopping';
}

/** The buttons below a lesson. */
export class LessonButtons {
  readonly #run = byId('lesson-run', HTMLButtonElement);
  readonly #again = byId('lesson-again', HTMLButtonElement);
  readonly #write = byId('lesson-write', HTMLButtonElement);
  readonly #download = byId('lesson-download', HTMLButtonElement);

  constructor(events: LessonButtonEvents) {
    this.#run.addEventListener('click', () => events.onRun());
    this.#again.addEventListener('click', () => events.onAgain());
    this.#write.addEventListener('click', () => events.onWrite());
    this.#download.addEventListener('click', () => events.onDownload());
  }

  /** `canBegin`: there are a model and a text. `isSaved`: the trained model has been saved. */
  show(state: LessonState, canBegin: boolean, isSaved: boolean): void {
    const isResting = state === 'resting' || state === 'finished';
    const canUse = isResting && isSaved;
    this.#run.textContent = LABELS[state];
    this.#run.classList.toggle('stop', isRunning(state));
    this.#run.disabled =
      state === 'stopping' ||
      state === 'saving' ||
      (state === 'idle' && !canBegin) ||
      (state === 'finished' && !canUse);
    this.#again.hidden = !isResting;
    this.#write.hidden = state === 'finished';
    this.#write.disabled = !canUse;
    this.#download.disabled = !canUse;
  }
}
