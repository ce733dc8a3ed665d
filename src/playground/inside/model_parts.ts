import { attentionPatterns } from '../../examine/inside/attention_patterns.js';
import { logitLens } from '../../examine/inside/logit_lens.js';
import type { WorkerModel } from '../../worker/worker_model.js';
import { part } from '../examine/part.js';
import { make } from '../page/dom.js';
import { AttentionPart } from './attention_part.js';
import { ChangesPart } from './changes_part.js';
import { LensPart } from './lens_part.js';
import { Newest } from './newest.js';
import { NextPart } from './next_part.js';
import { continuation, nextTokens, type Reading } from './reading.js';
import type { TokenNames } from './token_names.js';

/** Positions that the logit lens shows. */
const LENS_POSITIONS = 5;
const LENS_TOP = 5;
/** Parts of a narrow page are opened one by one. */
const WIDE = '(width >= 68rem)';

type PartName = 'attention' | 'lens' | 'changes';
type Kind = PartName | 'effect';

/** A text that a model has read. */
export interface ReadText {
  readonly model: WorkerModel;
  readonly names: TokenNames;
  readonly reading: Reading;
  /** Aborted when the text is another one. */
  readonly signal: AbortSignal;
}

export interface ModelPartsEvents {
  /** The next tokens of the current text are known, with the changes of the model. */
  onChanged(): void;
  onError(error: unknown): void;
}

/** The parts that show the inside of the model, computed while they are open. */
export class ModelParts {
  readonly element: HTMLElement;
  readonly #events: ModelPartsEvents;
  readonly #attention = new AttentionPart((position) => this.#choose(position));
  readonly #lens = new LensPart();
  readonly #changes = new ChangesPart(() => {
    this.#edition++;
    void this.#changed();
  });
  readonly #parts: Readonly<Record<PartName, HTMLDetailsElement>>;
  readonly #newest: Readonly<Record<Kind, Newest>> = {
    attention: new Newest(),
    lens: new Newest(),
    changes: new Newest(),
    effect: new Newest(),
  };
  #text: ReadText | undefined;
  /** The token that was chosen in the text; its last one by default. */
  #chosen: number | undefined;
  /** Counts the changes of the changes. */
  #edition = 0;
  /** The text and the edition whose next tokens are known. */
  #known: { readonly reading: Reading; readonly edition: number } | undefined;

  constructor(events: ModelPartsEvents) {
    this.#events = events;
    this.#parts = {
      attention: part('Tokens and attention', this.#attention.element),
      lens: part('Layer by layer', this.#lens.element),
      changes: part('Switch heads off, and steer', this.#changes.element),
    };
    for (const [kind, element] of Object.entries(this.#parts)) {
      element.open = matchMedia(WIDE).matches;
      element.addEventListener('toggle', () => this.#showPart(kind as PartName));
    }
    this.element = make('div', { class: 'parts' }, ...Object.values(this.#parts));
  }

  /** Called when the model changes. */
  showModel(model: WorkerModel): void {
    this.#changes.showModel(model);
  }

  /** Shows the inside of the model at a text. */
  show(text: ReadText): void {
    this.#text = text;
    this.#chosen = undefined;
    void this.#changed();
    this.#showPart('attention');
    this.#showPart('lens');
  }

  /** Resolves when the next tokens are those with the current changes. */
  async settled(): Promise<void> {
    await this.#changed();
  }

  #changed(): Promise<void> {
    return this.#run('changes', async ({ model, names, reading }) => {
      const edition = this.#edition;
      if (this.#known?.reading === reading && this.#known.edition === edition) return;
      const edits = await this.#changes.edits(model);
      const changed = edits.length === 0 ? undefined : await nextTokens(model, reading.ids, edits);
      if (reading !== this.#text?.reading) return;
      reading.changed = changed;
      await names.learn(NextPart.idsOf(reading));
      if (reading !== this.#text.reading) return;
      this.#known = { reading, edition };
      this.#events.onChanged();
      this.#showPart('changes');
    });
  }

  #showPart(name: PartName): void {
    if (!this.#parts[name].open) return;
    if (name === 'attention') this.#showAttention();
    else if (name === 'lens') this.#showLens();
    else this.#showEffect();
  }

  #choose(position: number): void {
    this.#chosen = position;
    this.#showPart('attention');
    this.#showPart('lens');
  }

  #position({ ids }: Reading): number {
    return this.#chosen ?? ids.length - 1;
  }

  #showAttention(): void {
    void this.#run('attention', async ({ model, names, reading, signal }, isCurrent) => {
      const position = this.#position(reading);
      await names.learn(reading.ids);
      if (!isCurrent()) return;
      this.#attention.showTokens(reading.ids, names, position);
      const patterns = await attentionPatterns(model, reading.ids, { positions: [position], signal });
      if (isCurrent() && position === this.#position(reading)) this.#attention.showAttention(patterns);
    });
  }

  #showLens(): void {
    void this.#run('lens', async ({ model, names, reading, signal }, isCurrent) => {
      const end = this.#position(reading) + 1;
      const count = Math.min(LENS_POSITIONS, end);
      const positions = Array.from({ length: count }, (_, i) => end - count + i);
      const lens = await logitLens(model, reading.ids, { positions, top: LENS_TOP, signal });
      await names.learn([...reading.ids, ...LensPart.idsOf(lens)]);
      if (isCurrent()) this.#lens.show(lens, names);
    });
  }

  /** Shows how the text goes on with the changes, and without them. */
  #showEffect(): void {
    void this.#run('effect', async ({ model, reading, signal }, isCurrent) => {
      const edits = await this.#changes.edits(model);
      if (edits.length === 0) {
        if (isCurrent()) this.#changes.showEffect(undefined);
        return;
      }
      reading.continued ??= await continuation(model, reading.ids, signal);
      const changed = await continuation(model, reading.ids, signal, edits);
      if (isCurrent()) this.#changes.showEffect({ unchanged: reading.continued, changed });
    });
  }

  /** Does one kind of work on the current text, unless newer work of the kind is asked for before it begins. */
  #run(kind: Kind, work: (text: ReadText, isCurrent: () => boolean) => Promise<void>): Promise<void> {
    return this.#newest[kind].request(async () => {
      const text = this.#text;
      if (text === undefined) return;
      try {
        await work(text, () => text === this.#text);
      } catch (error) {
        if (!text.signal.aborted) this.#events.onError(error);
      }
    });
  }
}
