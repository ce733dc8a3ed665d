import { byId } from '../page/dom.js';

export type Way = 'text' | 'choices';

/** The two ways to teach, by a text or by the user's choices: one of them is shown. */
export class Ways {
  readonly #ways = [
    ['text', byId('way-text', HTMLButtonElement), byId('from-text', HTMLElement)],
    ['choices', byId('way-choices', HTMLButtonElement), byId('from-choices', HTMLElement)],
  ] as const;
  readonly #onChange: (way: Way) => void;
  #current: Way = 'text';

  constructor(onChange: (way: Way) => void) {
    this.#onChange = onChange;
    for (const [way, button] of this.#ways) button.addEventListener('click', () => this.show(way));
  }

  get current(): Way {
    return this.#current;
  }

  show(way: Way): void {
    this.#current = way;
    for (const [name, button, part] of this.#ways) {
      button.setAttribute('aria-pressed', String(name === way));
      part.hidden = name !== way;
    }
    this.#onChange(way);
  }
}
