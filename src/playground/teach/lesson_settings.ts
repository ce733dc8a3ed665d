import { byId } from '../page/dom.js';
import type { TextLesson } from './protocol.js';

const MOST_STEPS = 100_000;
const DEFAULT_STEPS = 100;

/** The form fields of a lesson, except its text. */
export class LessonSettings {
  readonly #fields = byId('lesson-settings', HTMLFieldSetElement);
  readonly #steps = byId('lesson-steps', HTMLInputElement);
  readonly #rate = byId('lesson-rate', HTMLSelectElement);
  readonly #prompt = byId('lesson-prompt', HTMLInputElement);
  readonly #kind = byId('lesson-kind', HTMLSelectElement);

  set disabled(isDisabled: boolean) {
    this.#fields.disabled = isDisabled;
  }

  /** The values, after which the form shows the number of steps that is used. */
  read(): Pick<TextLesson, 'steps' | 'learningRate' | 'prompt' | 'isAdapter'> {
    const typed = Number(this.#steps.value) || DEFAULT_STEPS;
    const steps = Math.round(Math.min(MOST_STEPS, Math.max(1, typed)));
    this.#steps.value = String(steps);
    return {
      steps,
      learningRate: Number(this.#rate.value),
      prompt: this.#prompt.value,
      isAdapter: this.#kind.value === 'adapter',
    };
  }
}
