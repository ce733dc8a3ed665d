import { filePicker } from '../model/file_picker.js';
import { make } from '../page/dom.js';

export interface TextFieldEvents {
  onChange(): void;
  onFile(file: File): void;
  /** The text of the view Write. */
  writtenText(): string;
}

/** The text to examine: a field, and buttons that fill it. */
export class TextField {
  readonly element: HTMLElement;
  readonly #events: TextFieldEvents;
  readonly #area = make('textarea', {
    ...{ id: 'examine-text', dir: 'auto', rows: '6', spellcheck: 'false', autocomplete: 'off' },
    placeholder: 'Paste a text.',
  });

  constructor(events: TextFieldEvents) {
    this.#events = events;
    this.#area.addEventListener('input', () => events.onChange());
    const written = make('button', { type: 'button' }, 'Text of Write');
    written.addEventListener('click', () => {
      this.value = events.writtenText();
      this.#area.focus();
    });
    const accept = '.txt,.text,.md,.markdown,text/plain,text/markdown';
    this.element = make(
      'div',
      { class: 'control' },
      make('label', { for: 'examine-text' }, 'Text'),
      this.#area,
      make(
        'div',
        { class: 'row' },
        filePicker('examine-file', 'Open', { accept }, ([file]) => {
          if (file !== undefined) events.onFile(file);
        }),
        written,
      ),
    );
  }

  get value(): string {
    return this.#area.value;
  }

  set value(text: string) {
    this.#area.value = text;
    this.#events.onChange();
  }

  focus(): void {
    this.#area.focus();
  }
}
