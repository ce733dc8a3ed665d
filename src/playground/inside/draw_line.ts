import { percentOf } from '../../examine/report/percent.js';
import { make } from '../page/dom.js';
import type { Draw } from './draw.js';
import type { TokenNames } from './token_names.js';

/** Pieces that are at least this wide carry the name of their token. */
const LEAST_NAMED = 0.08;
const PLACES = 3;

/** The line from 0 to 1 of the latest draw: a piece for each token, as wide as its probability, and the number. */
export class DrawLine {
  readonly element = make('div', { class: 'draw-line', hidden: true });

  show(draw: Draw | undefined, names: TokenNames): void {
    this.element.hidden = draw === undefined;
    if (draw === undefined) return;
    const { number, hit, pieces, seed, index } = draw;
    const isListed = pieces.some(({ id }) => id === hit.id);
    const shown = (isListed ? pieces : [...pieces, hit]).map((piece) => {
      const width = piece.to - piece.from;
      const element = make(
        'span',
        { class: piece.id === hit.id ? 'piece hit' : 'piece' },
        width < LEAST_NAMED ? '' : names.nameOf(piece.id),
      );
      element.style.insetInlineStart = `${100 * piece.from}%`;
      element.style.width = `${100 * width}%`;
      return element;
    });
    const mark = make('span', { class: 'mark-of-number' });
    mark.style.insetInlineStart = `${100 * number}%`;
    this.element.replaceChildren(
      make('div', { class: 'line', 'aria-hidden': 'true' }, ...shown, mark),
      make(
        'p',
        { class: 'meaning' },
        make('b', {}, `Drawn number ${number.toFixed(PLACES)}`),
        ` (number ${index + 1} of seed ${seed}). It falls into the piece of ${names.quoted(hit.id)}, from ` +
          `${hit.from.toFixed(PLACES)} to ${hit.to.toFixed(PLACES)}: ${percentOf(hit.to - hit.from)} of the line.`,
      ),
    );
  }
}
