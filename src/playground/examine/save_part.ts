import { saveText } from '../document/text_files.js';
import { make } from '../page/dom.js';
import { part, type Result } from './result_column.js';

/** The part of the view that saves the figures as files. */
export class SavePart {
  readonly element: HTMLElement;
  readonly #buttons: readonly HTMLButtonElement[];

  /** `result` gives the figures to save. */
  constructor(result: () => Result) {
    const button = (label: string, name: string, content: (result: Result) => string) => {
      const element = make('button', { type: 'button', disabled: true }, label);
      element.addEventListener('click', () => saveText(content(result()), name));
      return element;
    };
    this.#buttons = [
      button('JSON', 'examination.json', ({ examination }) => JSON.stringify(examination, undefined, 2)),
    ];
    this.element = part('Save the figures', make('div', { class: 'row' }, ...this.#buttons));
  }

  set canSave(canSave: boolean) {
    for (const button of this.#buttons) button.disabled = !canSave;
  }
}
