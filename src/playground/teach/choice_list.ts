import { counted } from '../../base/counted.js';
import { type Choice, MOST_CHOICES } from '../choices/choice.js';
import { choicesIn, linesOf } from '../choices/choice_lines.js';
import { countsOf } from '../choices/choice_plan.js';
import type { ChoiceStore } from '../choices/choice_store.js';
import { readText, saveText } from '../document/text_files.js';
import { filePicker } from '../model/file_picker.js';
import { make } from '../page/dom.js';
import { choiceForm } from './choice_form.js';
import { choiceRow } from './choice_row.js';

/** Rows that are shown at first, and more at a time. */
const ROWS = 20;
const FILE = 'choices.jsonl';

export interface ChoiceListEvents {
  /** The list shows what is stored. */
  onShown(): void;
  onSay(message: string): void;
  onError(error: unknown): void;
}

/** The list of the user's choices, which can be edited, deleted, and moved to and from files. */
export class ChoiceList {
  readonly #store: ChoiceStore;
  readonly #events: ChoiceListEvents;
  readonly #count = make('p', { class: 'meaning', id: 'choice-count' });
  readonly #rows = make('ol', {
    class: 'choices',
    'aria-label': 'Choices, the latest first',
    tabindex: '-1',
  });
  readonly #more = make('button', { type: 'button', class: 'quiet' }, 'Show more');
  readonly #save = make('button', { type: 'button' }, 'Save as .jsonl');
  readonly #clear = make('button', { type: 'button' }, 'Delete all');
  readonly element: HTMLElement;
  #choices: readonly Choice[] = [];
  #shown = ROWS;
  /** The choice that is edited, and its form, which stays when the list is drawn again. */
  #edited: { readonly id: string; form?: HTMLElement } | undefined;

  constructor(store: ChoiceStore, events: ChoiceListEvents) {
    this.#store = store;
    this.#events = events;
    this.#more.addEventListener('click', () => {
      this.#shown += ROWS;
      this.#draw();
    });
    this.#save.addEventListener('click', () => {
      saveText(linesOf([...this.#choices].reverse()), FILE);
      events.onSay(`Saved as ${FILE}.`);
    });
    this.#clear.addEventListener('click', () => {
      if (!confirm(`Delete ${counted(this.#choices.length, 'choice')} permanently?`)) return;
      this.#edited = undefined;
      void this.#try(() => store.removeAll(), 'All choices are deleted.');
      this.#rows.focus();
    });
    const open = filePicker('choices-input', 'Add a .jsonl file', { accept: '.jsonl' }, ([file]) => {
      if (file !== undefined) void this.add(file);
    });
    store.onChange(() => void this.refresh());
    this.element = make(
      'div',
      {},
      make('h3', {}, 'Choices'),
      this.#count,
      make('div', { class: 'row' }, this.#save, open, this.#clear),
      this.#rows,
      this.#more,
    );
  }

  /** The stored choices, the latest first. */
  get choices(): readonly Choice[] {
    return this.#choices;
  }

  /** Shows the stored choices, which another tab may have changed. */
  async refresh(): Promise<void> {
    this.#choices = await this.#store.list();
    this.#draw();
    this.#events.onShown();
  }

  /** Adds the choices of a file. */
  async add(file: File): Promise<void> {
    await this.#try(async () => {
      const read = choicesIn(file.name, await readText(file), new Date().toISOString());
      const { stored, dropped } = await this.#store.add(read);
      const gone = dropped > 0 ? ` The oldest ${counted(dropped, 'choice')} had no room.` : '';
      this.#events.onSay(`${counted(stored.length, 'choice')} of ${file.name} added.${gone}`);
    });
  }

  #draw(): void {
    const { preferences, good, bad } = countsOf(this.#choices);
    const total = this.#choices.length;
    this.#count.textContent =
      total === 0
        ? 'There are no choices yet.'
        : `${counted(preferences, 'preference')}, ${good} good and ${bad} bad thumbs. ` +
          (total < MOST_CHOICES
            ? `There is room for ${MOST_CHOICES}; then a new one replaces the oldest.`
            : `This is all there is room for: a new one replaces the oldest.`);
    this.#save.disabled = total === 0;
    this.#clear.disabled = total === 0;
    this.#more.hidden = total <= this.#shown;
    const rows = this.#choices.slice(0, this.#shown);
    this.#rows.replaceChildren(...rows.map((choice, i) => this.#row(choice, i + 1)));
  }

  #row(choice: Choice, number: number): HTMLElement {
    const edited = this.#edited;
    if (choice.id !== edited?.id) {
      return choiceRow(choice, number, {
        onEdit: () => {
          this.#edited = { id: choice.id };
          this.#draw();
          this.#rows.querySelector('textarea')?.focus();
        },
        onDelete: () => {
          void this.#try(() => this.#store.remove([choice.id]), 'The choice is deleted.');
          // The row with the focus is about to be removed.
          this.#rows.focus();
        },
      });
    }
    const end = () => {
      this.#edited = undefined;
      this.#draw();
      this.#rows.focus();
    };
    edited.form ??= choiceForm(choice, {
      onCancel: end,
      onSave: (changed) => {
        end();
        void this.#try(() => this.#store.change(changed), 'The choice is changed.');
      },
    });
    return edited.form;
  }

  async #try(work: () => Promise<void>, message?: string): Promise<void> {
    try {
      await work();
      if (message !== undefined) this.#events.onSay(message);
    } catch (error) {
      this.#events.onError(error);
    }
  }
}
