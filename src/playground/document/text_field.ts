import { filePicker } from '../model/file_picker.js';
import { make } from '../page/dom.js';

export interface TextFieldEvents {
  /** The text has changed: by typing, with its event, or as a whole. */
  onChange(event?: InputEvent): void;
  onFile(file: File): void;
  /** The text of the view Write. */
  writtenText(): string;
}

/** The text of a view: a field, and buttons that fill it. */
export class TextField {
  readonly element: HTMLElement;
  readonly area: HTMLTextAreaElement;
  readonly #events: TextFieldEvents;

  /** `view` begins the ids of the elements. */
  constructor(view: 'examine' | 'inside', events: TextFieldEvents) {
    this.#events = events;
    this.area = make('textarea', {
      ...{ id: `${view}-text`, dir: 'auto', rows: '6', spellcheck: 'false', autocomplete: 'off' },
      placeholder: 'Paste a text.',
    });
    this.area.addEventListener('input', (event) => events.onChange(event as InputEvent));
    const written = make('button', { type: 'button' }, 'Text of Write');
    written.addEventListener('click', () => {
      this.value = events.writtenText();
      this.area.focus();
    });
    const accept = '.txt,.text,.md,.markdown,text/plain,text/markdown';
    this.element = make(
      'div',
      { class: 'control given-text' },
      make('label', { for: `${view}-text` }, 'Text'),
      this.area,
      make(
        'div',
        { class: 'row' },
        filePicker(`${view}-file`, 'Open', { accept }, ([file]) => {
          if (file !== undefined) events.onFile(file);
        }),
        written,
      ),
    );
  }

  get value(): string {
    return this.area.value;
  }

  set value(text: string) {
    this.area.value = text;
    this.#events.onChange();
  }

  focus(): void {
    this.area.focus();
  }
}
