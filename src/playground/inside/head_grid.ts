import { make } from '../page/dom.js';
import { Roving } from './roving.js';

/** A head of the attention. Layers and heads count from 0 here, and from 1 on the page. */
export interface Head {
  readonly layer: number;
  readonly head: number;
}

export const headName = ({ layer, head }: Head) => `layer ${layer + 1}, head ${head + 1}`;

/** A button for each head: a row for each layer, the first one at the top. */
export class HeadGrid {
  readonly element: HTMLElement;
  /** By layer and head. */
  readonly cells: readonly (readonly HTMLButtonElement[])[];

  constructor(
    label: string,
    { layers, heads }: { readonly layers: number; readonly heads: number },
    onPress: (head: Head) => void,
  ) {
    const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
    this.cells = numbers(layers).map((layer) =>
      numbers(heads).map((head) => {
        const cell = make('button', {
          type: 'button',
          class: 'cell',
          'aria-label': headName({ layer, head }),
        });
        cell.addEventListener('click', () => onPress({ layer, head }));
        return cell;
      }),
    );
    const rows = this.cells.flatMap((row, layer) => [
      make('span', { class: 'row-number', 'aria-hidden': 'true' }, String(layer + 1)),
      ...row,
    ]);
    const grid = make('div', { class: 'heads', role: 'group', 'aria-label': label }, ...rows);
    grid.style.gridTemplateColumns = `max-content repeat(${heads}, minmax(1.5rem, 3.5rem))`;
    new Roving(grid).set(this.cells, this.cells[0]![0]!);
    this.element = make(
      'div',
      { class: 'head-grid' },
      make('p', { class: 'axes', 'aria-hidden': 'true' }, 'layer \u2193 \u00A0 head \u2192'),
      grid,
    );
  }

  cell({ layer, head }: Head): HTMLButtonElement {
    return this.cells[layer]![head]!;
  }
}
