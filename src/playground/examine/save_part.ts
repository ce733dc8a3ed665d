import { csvReport } from '../../examine/report/csv_report.js';
import { htmlReport } from '../../examine/report/html_report.js';
import { saveText } from '../document/text_files.js';
import { make } from '../page/dom.js';
import { part } from './part.js';
import type { Result } from './result_column.js';

export interface SaveEvents {
  /** The results that are shown, at least one; the latest is the last. */
  results(): readonly Result[];
}

/** The part of the view that saves the figures as files. */
export class SavePart {
  readonly element: HTMLElement;
  readonly #events: SaveEvents;
  readonly #buttons: readonly HTMLButtonElement[];

  constructor(events: SaveEvents) {
    this.#events = events;
    this.#buttons = [
      this.#button('JSON', 'examination.json', (results) =>
        JSON.stringify(results.at(-1)!.examination, undefined, 2),
      ),
      this.#button('CSV', 'examination.csv', (results) => csvReport(results.at(-1)!.examination)),
      this.#button('HTML', 'examination.html', (results) => htmlReport(results)),
    ];
    this.element = part(
      'Save the figures',
      make('p', { class: 'meaning' }, 'HTML has all results that are shown, JSON and CSV the latest.'),
      make('div', { class: 'row' }, ...this.#buttons),
    );
  }

  set canSave(canSave: boolean) {
    for (const button of this.#buttons) button.disabled = !canSave;
  }

  #button(label: string, name: string, content: (results: readonly Result[]) => string): HTMLButtonElement {
    const button = make('button', { type: 'button', disabled: true }, label);
    button.addEventListener('click', () => saveText(content(this.#events.results()), name));
    return button;
  }
}
