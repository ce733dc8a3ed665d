import { make } from '../page/dom.js';
import { Bars, shownIds } from './bars.js';
import { type Draw, drawToken } from './draw.js';
import { DrawLine } from './draw_line.js';
import { FilterRows } from './filter_rows.js';
import type { Reading } from './reading.js';
import type { TokenNames } from './token_names.js';

/** The bars of the next token, the settings of its draw, and the line of the latest draw. */
export class NextPart {
  readonly element: HTMLElement;
  readonly #filters = new FilterRows(() => this.#showBars());
  readonly #bars = new Bars();
  readonly #line = new DrawLine();
  #shown: { readonly reading: Reading; readonly names: TokenNames } | undefined;

  constructor() {
    this.element = make(
      'section',
      { 'aria-labelledby': 'inside-next' },
      make('h3', { id: 'inside-next' }, 'What comes next'),
      make(
        'p',
        { class: 'meaning before-draw' },
        'The longer a bar, the likelier the token. Step lets chance pick one; likely tokens are picked more often.',
      ),
      this.#line.element,
      this.#bars.element,
      this.#filters.element,
      this.#bars.rest,
    );
  }

  /** The ids whose names `show` needs. */
  static idsOf({ next, changed }: Reading, draw?: Draw): number[] {
    const drawn = draw === undefined ? [] : [draw.hit.id, ...draw.pieces.map(({ id }) => id)];
    return [...shownIds(changed ?? next, next), ...drawn];
  }

  /** Shows the bars of a text, and how its last token was drawn. */
  show(reading: Reading, names: TokenNames, draw: Draw | undefined): void {
    this.#shown = { reading, names };
    this.#line.show(draw, names);
    this.#showBars();
  }

  /** Draws the next token: with the next number of the seed if `last` was drawn with it, otherwise with its first. */
  draw({ next, changed }: Reading, last: Draw | undefined): Draw {
    const { seed, filters } = this.#filters;
    const index = last?.seed === seed ? last.index + 1 : 0;
    const tokens = changed ?? next;
    return drawToken(tokens, tokens.chances(filters), seed, index);
  }

  changeSeed(): void {
    this.#filters.changeSeed();
  }

  #showBars(): void {
    if (this.#shown === undefined) return;
    const { reading, names } = this.#shown;
    const { filters } = this.#filters;
    const unchanged = { next: reading.next, chances: reading.next.chances(filters) };
    if (reading.changed === undefined) this.#bars.show(unchanged, undefined, names);
    else {
      const changed = { next: reading.changed, chances: reading.changed.chances(filters) };
      this.#bars.show(changed, unchanged, names);
    }
  }
}
