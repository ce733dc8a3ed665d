/** Changes that come later than this after the one before are a step of their own. */
const PAUSE_MS = 1000;

/** Says which changes of a text area belong to one step: typing or deleting without a pause at one place. */
export class Typing {
  #kind = '';
  #last = 0;
  #caret = -1;

  /** Whether a change belongs to the step of the one before; `from` and `caret`: where the caret was before it and is now. */
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

  /** The next change is a step of its own. */
  end(): void {
    this.#kind = '';
  }
}
