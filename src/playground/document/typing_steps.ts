/** A change later than this after the previous one starts a new step. */
const PAUSE_MS = 1000;

/**
 * Groups changes of a text area into steps to undo: typing or deleting at one place without a pause is one
 * step.
 */
export class TypingSteps {
  #kind = '';
  #last = 0;
  #caret = -1;

  /** Whether a change belongs to the step of the previous one. The caret moved from `from` to `caret`. */
  joins({ inputType, timeStamp }: InputEvent, from: number, caret: number): boolean {
    const kind = /^(?:insertText|insertCompositionText|deleteContent)/.exec(inputType ?? '')?.[0] ?? '';
    const family = kind.replace('Composition', '');
    const joins =
      family !== '' && family === this.#kind && from === this.#caret && timeStamp - this.#last < PAUSE_MS;
    this.#kind = family;
    this.#last = timeStamp;
    this.#caret = caret;
    return joins;
  }

  /** Makes the next change start a new step. */
  end(): void {
    this.#kind = '';
  }
}
