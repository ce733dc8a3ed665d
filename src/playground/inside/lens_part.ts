import { exp } from '../../base/exact_math.js';
import type { LogitLens } from '../../examine/inside/results.js';
import { percent } from '../../examine/report/percent.js';
import { make } from '../page/dom.js';
import { Roving } from './roving.js';
import { shade } from './shade.js';
import type { TokenNames } from './token_names.js';

const DETAILS = 'inside-layer-tokens';

/** The logit lens: what each layer would say comes next, at some positions. */
export class LensPart {
  readonly element: HTMLElement;
  readonly #table = make('table', { class: 'lens' });
  readonly #roving = new Roving(this.#table);
  readonly #details = make('p', { class: 'figures-of-token', id: DETAILS });

  constructor() {
    this.element = make(
      'div',
      {},
      make(
        'p',
        { class: 'meaning' },
        'The layers work one after another. Here each is asked early: if the model ended with this layer, which token ' +
          'would come next? The darker, the surer. The last row is what the model really says. The columns are the last ' +
          'tokens up to the chosen one.',
      ),
      make('div', { class: 'wide' }, this.#table),
      this.#details,
    );
  }

  /** The ids of the tokens that the lens names. */
  static idsOf({ cells }: LogitLens): number[] {
    return cells.flat().flatMap(({ top }) => top.map(({ id }) => id));
  }

  show({ tokens, layers, positions, cells }: LogitLens, names: TokenNames): void {
    const nameAt = (position: number) => names.nameOf(tokens[position]!.id);
    const buttons = layers.map((layer, row) =>
      positions.map((position, column) => {
        const { top } = cells[row]![column]!;
        const [best] = top;
        const place = `${layerName(layer)}, after ${nameAt(position)}`;
        const button = make(
          'button',
          {
            type: 'button',
            'aria-label': `${place}: ${names.nameOf(best!.id)} ${percent(best!.logprob)}`,
            'aria-describedby': DETAILS,
          },
          make('span', { class: 'token' }, names.nameOf(best!.id)),
        );
        shade(button, exp(best!.logprob));
        const say = () => {
          const list = top.map(({ id, logprob }) => `${names.quoted(id)} ${percent(logprob)}`).join(', ');
          this.#details.textContent = `${place[0]!.toUpperCase()}${place.slice(1)}: ${list}.`;
        };
        button.addEventListener('focus', say);
        button.addEventListener('pointerenter', say);
        return button;
      }),
    );
    const heads = positions.map((position) => make('th', { scope: 'col' }, nameAt(position)));
    const rows = buttons.map((row, i) =>
      make(
        'tr',
        {},
        make('th', { scope: 'row' }, layers[i] === 0 ? 'start' : String(layers[i])),
        ...row.map((button) => make('td', {}, button)),
      ),
    );
    this.#table.replaceChildren(
      make('caption', { class: 'hidden' }, 'What each layer would say comes next'),
      make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, 'layer'), ...heads)),
      make('tbody', {}, ...rows),
    );
    this.#roving.set(buttons, buttons.at(-1)!.at(-1)!);
    this.#details.textContent =
      'Point at a cell, or go to it with Tab and the arrow keys, to see its likeliest tokens.';
  }
}

const layerName = (layer: number) => (layer === 0 ? 'before the first layer' : `after layer ${layer}`);
