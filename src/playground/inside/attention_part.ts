import type { AttentionPatterns } from '../../examine/inside/results.js';
import { percentOf } from '../../examine/report/percent.js';
import { longTable } from '../examine/long_table.js';
import { make } from '../page/dom.js';
import { type Head, HeadGrid, headName } from './head_grid.js';
import { TokenChips } from './token_chips.js';
import type { TokenNames } from './token_names.js';

/** Most stripes of a cell, one for each token or for several. */
const STRIPES = 24;
const DETAILS = 'inside-token';

/** The tokens of the text, and which of them each head looks at. */
export class AttentionPart {
  readonly element: HTMLElement;
  readonly #chips: TokenChips;
  readonly #details = make('p', { class: 'figures-of-token', id: DETAILS });
  readonly #grid = make('div');
  readonly #table = make('details', {}, make('summary', {}, 'As a table'));
  #heads: HeadGrid | undefined;
  #head: Head | undefined;
  #names: TokenNames | undefined;
  #ids: readonly number[] = [];
  #chosen = 0;
  #patterns: AttentionPatterns | undefined;

  /** `onChoose` is called with the position of another token. */
  constructor(onChoose: (position: number) => void) {
    this.#chips = new TokenChips(onChoose, (position) => this.#showDetails(position), DETAILS);
    this.#table.addEventListener('toggle', () => this.#showTable());
    this.element = make(
      'div',
      {},
      make(
        'p',
        { class: 'meaning' },
        'The text is cut into tokens. Each has a number, its id. \u00B7 is a space, \u21B5 a new line. To understand a ' +
          'token, the model looks back at earlier ones: this is called attention. Choose a token. The darker another ' +
          'one is, the more it is looked at.',
      ),
      this.#chips.element,
      this.#details,
      make(
        'p',
        { class: 'meaning' },
        'Every layer has several heads, and each head looks at other things. A square is a head; its stripes are the ' +
          'tokens of the text from left to right. Choose one.',
      ),
      this.#grid,
      this.#table,
    );
  }

  /** Shows the tokens, before their attention is known. */
  showTokens(ids: readonly number[], names: TokenNames, chosen: number): void {
    this.#chips.show(ids, names);
    this.#ids = ids;
    this.#names = names;
    this.#chosen = chosen;
    this.#patterns = undefined;
    this.#chips.choose(chosen);
    this.#showDetails(undefined);
  }

  /** Shows the attention from the chosen token. */
  showAttention(patterns: AttentionPatterns): void {
    const { layers, heads } = patterns;
    const [count, each] = [layers.length, heads.length];
    if (this.#heads?.cells.length !== count || this.#heads.cells[0]!.length !== each) {
      this.#heads = new HeadGrid('Heads', { layers: count, heads: each }, (head) => this.#choose(head));
      this.#head = undefined;
      this.#grid.replaceChildren(this.#heads.element);
    }
    this.#patterns = patterns;
    for (let layer = 0; layer < count; layer++) {
      for (let head = 0; head < each; head++) {
        this.#heads.cell({ layer, head }).style.backgroundImage = stripes(this.#weights({ layer, head }));
      }
    }
    this.#choose(this.#head ?? this.#farthest());
  }

  #choose(head: Head): void {
    if (this.#head !== undefined) this.#heads!.cell(this.#head).removeAttribute('aria-pressed');
    this.#head = head;
    this.#heads!.cell(head).setAttribute('aria-pressed', 'true');
    if (this.#patterns !== undefined) this.#chips.shade(this.#weights(head));
    this.#showDetails(undefined);
    this.#showTable();
  }

  /** Weights of the tokens up to the chosen one. */
  #weights({ layer, head }: Head): Float32Array {
    const { weights, positions } = this.#patterns!;
    const [, heads, , tokens] = weights.shape;
    const start = (layer * heads! + head) * tokens!;
    return weights.data.subarray(start, start + positions[0]! + 1);
  }

  /** The head that looks most at tokens between the first one and the chosen one. */
  #farthest(): Head {
    const { layers, heads } = this.#patterns!;
    const all = layers.flatMap((layer) => heads.map((head) => ({ layer, head })));
    const between = (head: Head) => Math.max(0, ...this.#weights(head).subarray(1, -1));
    return all.reduce((best, head) => (between(head) > between(best) ? head : best));
  }

  /** Figures of a token, by default of the chosen one. */
  #showDetails(position = this.#chosen): void {
    const id = this.#ids[position];
    if (id === undefined) return;
    const names = this.#names!;
    const figures = `token ${position + 1} of ${this.#ids.length}, id ${id}, bytes ${names.hexadecimal(id)}`;
    const weight = this.#patterns && this.#head && this.#weights(this.#head)[position];
    const from = names.quoted(this.#ids[this.#chosen]!);
    const attention =
      weight === undefined
        ? ''
        : `. ${from} gives it ${percentOf(weight)} of its attention (${headName(this.#head!)})`;
    this.#details.replaceChildren(make('b', {}, names.nameOf(id)), ` ${figures}${attention}.`);
  }

  #showTable(): void {
    if (!this.#table.open || this.#patterns === undefined || this.#head === undefined) return;
    const names = this.#names!;
    const rows = Array.from(this.#weights(this.#head), (weight, i) => ({ weight, i }));
    const caption = `Attention from ${names.quoted(this.#ids[this.#chosen]!)} in ${headName(this.#head)}`;
    const table = longTable(
      caption,
      [
        { heading: 'Token', cell: ({ i }) => names.nameOf(this.#ids[i]!) },
        { heading: 'Place', isNumber: true, cell: ({ i }) => String(i + 1) },
        { heading: 'Attention', isNumber: true, cell: ({ weight }) => percentOf(weight) },
      ],
      rows,
    );
    this.#table.replaceChildren(
      this.#table.firstElementChild!,
      make('p', { class: 'meaning' }, caption),
      table,
    );
  }
}

/** A background of stripes, one for each weight, or for several. */
function stripes(weights: Float32Array): string {
  const count = Math.min(STRIPES, weights.length);
  const stops = Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * weights.length) / count);
    const end = Math.floor(((i + 1) * weights.length) / count);
    const most = Math.max(...weights.subarray(from, end));
    const colour = `color-mix(in srgb, var(--accent) ${Math.round(100 * most)}%, transparent)`;
    return `${colour} ${(100 * i) / count}% ${(100 * (i + 1)) / count}%`;
  });
  return `linear-gradient(to right, ${stops.join(', ')})`;
}
