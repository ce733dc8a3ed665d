import type { Edit } from '../../core/hooks/edit.js';
import type { SteeringVector } from '../../examine/inside/steering/results.js';
import { steer } from '../../examine/inside/steering/steer.js';
import type { WorkerModel } from '../../worker/worker_model.js';
import { make } from '../page/dom.js';
import { type Head, HeadGrid, headName } from './head_grid.js';
import { vectorOf } from './steering.js';
import { SteeringRows } from './steering_rows.js';

const ENDED = 'The model ends the text here.';

/** Changes of the model: heads that are off, and a direction in which it is steered. */
export class ChangesPart {
  readonly element: HTMLElement;
  readonly #onChange: () => void;
  readonly #steering: SteeringRows;
  readonly #grid = make('div');
  readonly #effect = make('div', { class: 'effect', role: 'group', 'aria-label': 'How the text goes on' });
  readonly #reset = make('button', { type: 'button', disabled: true }, 'Undo all changes');
  readonly #off = new Set<string>();
  #heads: HeadGrid | undefined;
  /** The latest vector, with what it was made of. */
  #vector: { readonly key: string; readonly vector: SteeringVector | undefined } | undefined;

  constructor(onChange: () => void) {
    this.#onChange = () => {
      this.#reset.disabled = !this.isOn;
      onChange();
    };
    this.#steering = new SteeringRows(() => this.#onChange());
    this.#reset.addEventListener('click', () => {
      for (const row of this.#heads?.cells ?? [])
        for (const cell of row) cell.setAttribute('aria-checked', 'true');
      this.#off.clear();
      this.#steering.reset();
    });
    this.element = make(
      'div',
      {},
      make(
        'p',
        { class: 'meaning' },
        'What does the model do without some of its heads? Switch heads off and see how the bars and the text change. ' +
          'Many heads are hardly missed; without others the text falls apart. Attention and layers above stay those of the ' +
          'whole model.',
      ),
      this.#effect,
      this.#grid,
      make('div', { class: 'row' }, this.#reset),
      make('h4', {}, 'Steer'),
      make(
        'p',
        { class: 'meaning' },
        'The model thinks in numbers. The numbers for these words, less those for the other words, are a direction. ' +
          'Adding it to what the model computes steers the text that way.',
      ),
      this.#steering.element,
    );
    this.showEffect(undefined);
  }

  /** Whether anything is changed. */
  get isOn(): boolean {
    return this.#off.size > 0 || this.#steering.strength !== 0;
  }

  /** Called when the model changes: all of its heads are on. */
  showModel({ config }: WorkerModel): void {
    this.#off.clear();
    this.#vector = undefined;
    this.#steering.showLayers(config.layers);
    this.#heads = new HeadGrid('Heads that are on', config, (head) => this.#toggle(head));
    for (const row of this.#heads.cells) {
      for (const cell of row) {
        cell.setAttribute('role', 'switch');
        cell.setAttribute('aria-checked', 'true');
      }
    }
    this.#grid.replaceChildren(this.#heads.element);
    this.#reset.disabled = !this.isOn;
  }

  /** The changes; `[]` for none. */
  async edits(model: WorkerModel): Promise<Edit[]> {
    const edits: Edit[] = [];
    for (let layer = 0; layer < model.config.layers; layer++) {
      const heads = Array.from({ length: model.config.heads }, (_, head) => head);
      const off = heads.filter((head) => this.#off.has(headName({ layer, head })));
      if (off.length > 0) edits.push({ hook: `blocks.${layer}.attn.hook_z`, heads: off, op: 'zero' });
    }
    const { strength, direction } = this.#steering;
    if (strength === 0) return edits;
    const key = JSON.stringify(direction);
    if (this.#vector?.key !== key) this.#vector = { key, vector: await vectorOf(model, direction) };
    const { vector } = this.#vector;
    return vector === undefined ? edits : [...edits, steer(model, vector, { strength })];
  }

  /** Shows how the text goes on without and with the changes. */
  showEffect(texts: { readonly unchanged: string; readonly changed: string } | undefined): void {
    if (texts === undefined) {
      this.#effect.replaceChildren(make('p', { class: 'meaning' }, 'Nothing is changed yet.'));
      return;
    }
    // Who moves a switch or a slider hears the text; who writes has enough to listen to.
    this.#effect.ariaLive = this.element.contains(document.activeElement) ? 'polite' : 'off';
    const { unchanged, changed } = texts;
    let same = 0;
    while (same < changed.length && changed[same] === unchanged[same]) same++;
    this.#effect.replaceChildren(
      make(
        'div',
        {},
        make('b', {}, 'As it is'),
        make('p', { class: 'read', dir: 'auto' }, unchanged || ENDED),
      ),
      make(
        'div',
        {},
        make('b', {}, 'Changed'),
        make(
          'p',
          { class: 'read', dir: 'auto' },
          changed.slice(0, same) || (changed === '' ? ENDED : ''),
          make('mark', {}, changed.slice(same)),
        ),
      ),
    );
  }

  #toggle(head: Head): void {
    const name = headName(head);
    if (!this.#off.delete(name)) this.#off.add(name);
    this.#heads!.cell(head).setAttribute('aria-checked', String(!this.#off.has(name)));
    this.#onChange();
  }
}
