import { TextField } from '../document/text_field.js';
import { type Direction, listenForUndo } from '../write/undo_keys.js';
import { TextSteps, type Version } from './text_steps.js';

export interface StepTextEvents {
  /** The text, its caret or its tokens have changed. */
  onChange(): void;
  onFile(file: File): void;
  /** A change was undone or redone. */
  onUndone(direction: Direction): void;
  /** The text of the view Write. */
  writtenText(): string;
}

/** The field of the text, and its versions to undo. */
export class StepText {
  readonly #events: StepTextEvents;
  readonly #field: TextField;
  readonly #steps: TextSteps;

  constructor(beginning: string, events: StepTextEvents) {
    this.#events = events;
    this.#steps = new TextSteps(beginning);
    this.#field = new TextField('inside', {
      onChange: (event) => this.#edit(event),
      onFile: events.onFile,
      writtenText: events.writtenText,
    });
    const { area } = this.#field;
    area.rows = 2;
    document.addEventListener('selectionchange', () => {
      if (document.activeElement === area && this.#steps.moveCaret(area.selectionEnd)) events.onChange();
    });
    // Chromium may forget the caret that was set while another element had the focus.
    area.addEventListener('focus', () => {
      if (area.selectionEnd !== this.current.caret) this.#putCaret();
    });
    listenForUndo(area, (direction) => this.undo(direction));
    this.#put();
  }

  get element(): HTMLElement {
    return this.#field.element;
  }

  get current(): Version {
    return this.#steps.current;
  }

  can(direction: Direction): boolean {
    return direction === 'undo' ? this.#steps.canUndo : this.#steps.canRedo;
  }

  /** Replaces the text. */
  set value(text: string) {
    this.#field.value = text;
  }

  undo(direction: Direction): void {
    if (!this.can(direction)) return;
    this.step(direction);
    this.#events.onUndone(direction);
  }

  /** Undoes or redoes without saying so. */
  step(direction: Direction): void {
    this.#steps.step(direction);
    this.#put();
    this.#events.onChange();
  }

  /** Adds a version with one more token. */
  add(version: Version): void {
    this.#steps.add(version);
    this.#put();
    this.#events.onChange();
  }

  /** Forgets the tokens of all versions, because the model has changed. */
  forgetTokens(): void {
    this.#steps.forgetTokens();
  }

  #edit(event?: InputEvent): void {
    const { area } = this.#field;
    this.#steps.edit(area.value, area.selectionEnd, event, this.current.caret);
    this.#events.onChange();
  }

  /** Puts the current version into the field. */
  #put(): void {
    const { area } = this.#field;
    area.value = this.current.text;
    this.#putCaret();
    area.scrollTop = area.scrollHeight;
  }

  #putCaret(): void {
    const { caret } = this.current;
    this.#field.area.setSelectionRange(caret, caret);
  }
}
