import { counted } from '../../base/counted.js';
import { type Choice, isPreference, MOST_CHOICES, type NewChoice } from '../choices/choice.js';
import type { Added, ChoiceStore } from '../choices/choice_store.js';
import { byId, make } from '../page/dom.js';
import { rememberSwitch } from '../page/local_storage.js';
import { Variants } from './variants.js';

/** Text that the model wrote, and the text before it. */
export interface Continuation {
  readonly prompt: string;
  readonly completion: string;
}

export interface ChoosingEvents {
  /** The latest generation, if its text is unchanged. */
  latest(): Continuation | undefined;
  /** Name of the current model. */
  modelName(): string;
  /** The texts of another continuation in place of the latest one, as it grows. */
  write(index: number, signal: AbortSignal): AsyncIterable<string>;
  /** Another continuation replaces the latest one. */
  onTake(text: string): void;
  onSay(message: string): void;
  onError(error: unknown): void;
}

const STORED = 'Your choice is stored in this browser.';

/**
 * The bar with thumbs for the latest generation, and with variants of it. It stores what the user prefers, if that is
 * switched on.
 */
export class Choosing {
  readonly #store: ChoiceStore;
  readonly #events: ChoosingEvents;
  readonly #bar = byId('choice-bar', HTMLElement);
  readonly #switch = byId('keep-choices', HTMLInputElement);
  readonly #thumbs = [
    [byId('thumb-up', HTMLButtonElement), true],
    [byId('thumb-down', HTMLButtonElement), false],
  ] as const;
  readonly #compare = byId('compare', HTMLButtonElement);
  readonly #note = byId('choice-note', HTMLElement);
  readonly #variants: Variants;
  /** The thumb that was stored last. */
  #rated: Choice | undefined;

  constructor(store: ChoiceStore, events: ChoosingEvents) {
    this.#store = store;
    this.#events = events;
    this.#variants = new Variants({
      write: (index, signal) => events.write(index, signal),
      onReady: (texts) =>
        events.onSay(
          texts.length > 1
            ? `Choose the best of ${texts.length}.`
            : 'The model wrote the same again. A higher temperature gives different texts.',
        ),
      onChoose: (text, others) => void this.#choose(text, others),
      onError: (error) => events.onError(error),
    });
    for (const [button, label] of this.#thumbs) {
      button.addEventListener('click', () => void this.#rate(label));
    }
    this.#compare.addEventListener('click', () => {
      const latest = events.latest();
      if (latest === undefined) return;
      events.onSay('Writing two others \u2026');
      void this.#variants.open(latest.completion);
    });
    store.onChange(() => void this.#count());
    rememberSwitch('keep-choices', (isOn) => {
      this.#bar.hidden = !isOn;
      if (isOn) void this.#count();
      else this.#variants.close();
    });
  }

  /** Shows what can be chosen. */
  show(canChoose: boolean): void {
    const latest = this.#events.latest();
    const label = latest && this.#labelOf(latest);
    for (const [button, own] of this.#thumbs) {
      button.disabled = !canChoose || latest === undefined;
      button.setAttribute('aria-pressed', String(label === own));
    }
    this.#compare.disabled = !canChoose || latest === undefined;
  }

  /** Closes the variants, because the text changes or another view is shown. */
  close(): void {
    this.#variants.close();
  }

  /** Stores that one continuation is preferred to others, if choices are kept. `undefined` if nothing was stored. */
  async prefer(prompt: string, chosen: string, others: readonly string[]): Promise<Added | undefined> {
    return this.#add(others.map((rejected) => ({ prompt, chosen, rejected, ...this.#origin })));
  }

  async #choose(text: string, others: readonly string[]): Promise<void> {
    const latest = this.#events.latest();
    if (latest === undefined) return;
    if (text !== latest.completion) this.#events.onTake(text);
    const added = await this.prefer(latest.prompt, text, others);
    if (added !== undefined) this.#events.onSay(STORED);
  }

  /** Stores a thumb, or removes it if it is given again. */
  async #rate(label: boolean): Promise<void> {
    const latest = this.#events.latest();
    if (latest === undefined) return;
    if (this.#labelOf(latest) === label) {
      const { id } = this.#rated!;
      this.#rated = undefined;
      try {
        await this.#store.remove([id]);
        this.#events.onSay('The choice is deleted.');
      } catch (error) {
        this.#events.onError(error);
      }
    } else {
      const added = await this.#add([{ ...latest, label, ...this.#origin }]);
      if (added === undefined) return;
      this.#rated = added.stored[0];
      this.#events.onSay(STORED);
    }
    this.show(true);
  }

  #labelOf({ prompt, completion }: Continuation): boolean | undefined {
    const rated = this.#rated;
    if (rated === undefined || isPreference(rated)) return undefined;
    return prompt.endsWith(rated.prompt) && completion === rated.completion ? rated.label : undefined;
  }

  get #origin() {
    return { model: this.#events.modelName(), time: new Date().toISOString() };
  }

  async #add(choices: readonly NewChoice[]): Promise<Added | undefined> {
    if (!this.#switch.checked || choices.length === 0) return undefined;
    try {
      return await this.#store.add(choices);
    } catch (error) {
      this.#events.onError(error);
      return undefined;
    }
  }

  async #count(): Promise<void> {
    const choices = await this.#store.list();
    const { length } = choices;
    const where =
      length < MOST_CHOICES ? ' in this browser' : ' in this browser: a new one replaces the oldest';
    this.#note.replaceChildren(counted(length, 'choice'), make('span', {}, where));
    // The thumb may have been deleted in the list of choices.
    if (!choices.some(({ id }) => id === this.#rated?.id)) this.#rated = undefined;
    this.show(!this.#compare.disabled);
  }
}
