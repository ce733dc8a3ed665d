import { History } from '../document/history.js';
import { TypingSteps } from '../document/typing_steps.js';
import type { Direction } from '../write/undo_keys.js';
import type { Draw } from './draw.js';

/** A state of the text. */
export interface Version {
  readonly text: string;
  /** The model reads the text before this offset. */
  readonly caret: number;
  /** The tokens before the caret, if they are not those that the tokenizer makes of the text: they were drawn. */
  readonly ids?: readonly number[] | undefined;
  /** How the last token was drawn. */
  readonly draw?: Draw | undefined;
}

/** The text of the view with its caret, and the versions to undo. */
export class TextSteps {
  readonly #history: History<Version>;
  readonly #typing = new TypingSteps();

  constructor(text: string) {
    this.#history = new History<Version>({ text, caret: text.length }, (version) => version.text.length);
  }

  get current(): Version {
    return this.#history.current;
  }

  get canUndo(): boolean {
    return this.#history.canUndo;
  }

  get canRedo(): boolean {
    return this.#history.canRedo;
  }

  /** Replaces the text, as the user changed it. `event` is that of typing, which moved the caret from `from`. */
  edit(text: string, caret: number, event?: InputEvent, from = 0): void {
    const joins = event !== undefined && this.#typing.joins(event, from, caret);
    this.#history.add({ text, caret }, joins);
  }

  /** Moves the caret. Returns whether it was elsewhere. */
  moveCaret(caret: number): boolean {
    const { text, caret: before } = this.current;
    if (caret === before) return false;
    this.#history.amend({ text, caret });
    return true;
  }

  /** Adds a version with one more token. */
  add(version: Version): void {
    this.#typing.end();
    this.#history.add(version);
  }

  step(direction: Direction): void {
    this.#typing.end();
    this.#history[direction]();
  }

  /** Forgets the tokens of all versions, because the model has changed. */
  forgetTokens(): void {
    this.#history.amendAll(({ text, caret }) => ({ text, caret }));
  }
}
