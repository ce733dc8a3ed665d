import { byId } from '../page/dom.js';
import { KeptDocument } from './kept_document.js';
import { saveText, TextReader } from './text_files.js';

const UNNAMED = 'text.txt';
const KEPT = 'Stored in this browser';
const NOT_KEPT = 'Not stored in this browser: save it';

export interface DocumentEvents {
  text(): string;
  isGenerating(): boolean;
  /** Another text replaces the current one, as a step that can be undone. */
  onReplace(text: string): void;
  onSay(message: string): void;
  /** A file could not be read. */
  onError(error: unknown): void;
}

/** The buttons New, Open, Save and Copy, and a note that says whether the browser has stored the text. */
export class DocumentBar {
  readonly #events: DocumentEvents;
  readonly #kept: KeptDocument;
  readonly #bar = byId('document', HTMLFieldSetElement);
  readonly #needText = [
    byId('new', HTMLButtonElement),
    byId('save', HTMLButtonElement),
    byId('copy', HTMLButtonElement),
  ];
  readonly #reader = new TextReader();
  #name = UNNAMED;
  /** The text as it was last saved to a file or opened from one. */
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
      events.onSay('New text. Undo brings back the previous one.');
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

  /** The text that the browser has stored. */
  read(): string {
    return this.#kept.read();
  }

  /** Shows a changed text. During a generation the document cannot be replaced. */
  show(isGenerating: boolean): void {
    this.#bar.disabled = isGenerating;
    const isEmpty = this.#events.text() === '';
    for (const button of this.#needText) button.disabled = isEmpty;
    this.#kept.keepSoon();
  }

  /** Replaces the text by that of a file, unless a generation is writing it or another file is opened meanwhile. */
  async open(file: File): Promise<void> {
    try {
      const text = await this.#reader.read(file);
      if (text === undefined) return;
      if (this.#events.isGenerating()) {
        this.#events.onSay(`${file.name} is not open: the model is writing. Stop it first.`);
        return;
      }
      this.#events.onReplace(text);
      this.#name = file.name;
      this.#saved = text;
      this.#events.onSay(`${file.name} is open. Undo brings back the previous text.`);
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
      this.#events.onSay(
        'The browser does not allow the page to copy. The text is selected: copy it yourself.',
      );
    }
  }

  /** Whether leaving the page would lose the text. */
  #isAtRisk(): boolean {
    const text = this.#events.text();
    return text.trim() !== '' && text !== this.#saved && !this.#kept.keepNow();
  }
}
