import { byId } from '../page/dom.js';
import { KeptDocument } from './kept_document.js';
import { readText, saveText } from './text_files.js';

const UNNAMED = 'text.txt';
const KEPT = 'Kept in this browser';
const NOT_KEPT = 'Not kept by this browser: save it';

export interface DocumentEvents {
  text(): string;
  /** Another text is wanted in place of the present one, as a step that can be undone. */
  onReplace(text: string): void;
  onSay(message: string): void;
  /** A file could not be read. */
  onError(error: unknown): void;
}

/** The document's own buttons: a new one, opening, saving and copying; and whether the browser keeps it. */
export class DocumentBar {
  readonly #events: DocumentEvents;
  readonly #kept: KeptDocument;
  readonly #bar = byId('document', HTMLFieldSetElement);
  readonly #needText = [
    byId('new', HTMLButtonElement),
    byId('save', HTMLButtonElement),
    byId('copy', HTMLButtonElement),
  ];
  #name = UNNAMED;
  /** As it was last saved to a file or opened from one. */
  #saved = '';

  constructor(events: DocumentEvents) {
    this.#events = events;
    const note = byId('kept-note', HTMLElement);
    this.#kept = new KeptDocument(events.text, (isKept) => {
      note.textContent = isKept ? (events.text() === '' ? '' : KEPT) : NOT_KEPT;
      note.classList.toggle('wrong', !isKept);
    });
    const input = byId('open-input', HTMLInputElement);
    byId('open', HTMLButtonElement).addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      const [file] = input.files ?? [];
      input.value = '';
      if (file !== undefined) void this.open(file);
    });
    const [fresh, save, copy] = this.#needText;
    fresh!.addEventListener('click', () => {
      this.#name = UNNAMED;
      this.#saved = '';
      events.onReplace('');
      events.onSay('A new text. Undo brings the one before back.');
    });
    save!.addEventListener('click', () => {
      this.#saved = events.text();
      saveText(this.#saved, this.#name);
      events.onSay(`Saved as ${this.#name}.`);
    });
    copy!.addEventListener('click', () => this.#copy());
    addEventListener('beforeunload', (event) => {
      if (this.#isAtRisk()) event.preventDefault();
    });
  }

  /** The text that the browser has kept. */
  read(): string {
    return this.#kept.read();
  }

  /** The text has changed; while a generation goes on the document cannot be exchanged. */
  show(isGenerating: boolean): void {
    this.#bar.disabled = isGenerating;
    const isEmpty = this.#events.text() === '';
    for (const button of this.#needText) button.disabled = isEmpty;
    this.#kept.keepSoon();
  }

  /** Opens a file of text in place of the present text. */
  async open(file: File): Promise<void> {
    try {
      const text = await readText(file);
      this.#events.onReplace(text);
      this.#name = file.name;
      this.#saved = text;
      this.#events.onSay(`${file.name} is open. Undo brings the text before back.`);
    } catch (error) {
      this.#events.onError(error);
    }
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#events.text());
      this.#events.onSay('Copied.');
    } catch {
      byId('text', HTMLTextAreaElement).select();
      this.#events.onSay('The browser does not let the page copy: the text is selected.');
    }
  }

  /** Whether leaving the page would lose text. */
  #isAtRisk(): boolean {
    const text = this.#events.text();
    return text.trim() !== '' && text !== this.#saved && !this.#kept.keepNow();
  }
}
