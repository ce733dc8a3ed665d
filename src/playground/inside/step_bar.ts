import { make } from '../page/dom.js';
import type { Direction } from '../write/undo_keys.js';

export interface StepBarEvents {
  /** Draw the next token. */
  onStep(): void;
  onDrawAgain(): void;
  /** Take the likeliest token. */
  onGreedy(): void;
  onUndo(direction: Direction): void;
}

type Name = 'step' | 'again' | 'greedy' | Direction;

/** If a button with the focus is disabled, this one gets it. */
const BESIDE: Readonly<Record<Name, Name>> = {
  step: 'undo',
  again: 'step',
  greedy: 'step',
  undo: 'redo',
  redo: 'undo',
};

/** The buttons that add tokens and take them away, and what the latest one did. */
export class StepBar {
  readonly element: HTMLElement;
  readonly #buttons: Readonly<Record<Name, HTMLButtonElement>>;
  readonly #said = make('p', { class: 'outcome', role: 'status' });

  constructor({ onStep, onDrawAgain, onGreedy, onUndo }: StepBarEvents) {
    this.#buttons = {
      step: button('Step', 'Draw the next token (Ctrl+Enter)', onStep),
      again: button('Draw again', 'Draw the last token again, with another seed', onDrawAgain),
      greedy: button('Greedy', 'Take the likeliest token', onGreedy),
      undo: button('Undo', 'Undo (Ctrl+Z)', () => onUndo('undo')),
      redo: button('Redo', 'Redo (Ctrl+Shift+Z)', () => onUndo('redo')),
    };
    const { step } = this.#buttons;
    step.className = 'primary';
    step.setAttribute('aria-keyshortcuts', 'Control+Enter Meta+Enter');
    const row = make('fieldset', { class: 'row', 'aria-label': 'Next token' });
    row.append(...Object.values(this.#buttons));
    this.element = make('div', { class: 'tools' }, row, this.#said);
  }

  /** Enables the buttons that have something to do. */
  enable(can: Readonly<Record<Name, boolean>>): void {
    const focused = document.activeElement;
    const entries = Object.entries(this.#buttons) as [Name, HTMLButtonElement][];
    for (const [name, button] of entries) button.disabled = !can[name];
    // Without this the focus would leave the bar, and the keys with it.
    const lost = entries.find(([, button]) => button === focused && button.disabled);
    if (lost !== undefined) this.#buttons[BESIDE[lost[0]]].focus();
  }

  say(message: string): void {
    this.#said.textContent = message;
  }
}

function button(label: string, title: string, act: () => void): HTMLButtonElement {
  const element = make('button', { type: 'button', title, disabled: true }, label);
  element.addEventListener('click', act);
  return element;
}
