import { byId } from './dom.js';

export type View = 'write' | 'teach';

/** The page's two views, of which one is seen. */
export class Views {
  readonly #views = {
    write: { button: byId('view-write', HTMLButtonElement), section: byId('write', HTMLElement) },
    teach: { button: byId('view-teach', HTMLButtonElement), section: byId('teach', HTMLElement) },
  };
  #current: View = 'write';

  constructor(onChange: () => void) {
    for (const [name, { button }] of Object.entries(this.#views)) {
      button.addEventListener('click', () => {
        this.show(name as View);
        onChange();
      });
    }
  }

  get current(): View {
    return this.#current;
  }

  show(view: View): void {
    this.#current = view;
    document.body.dataset.view = view;
    for (const [name, { button, section }] of Object.entries(this.#views)) {
      button.setAttribute('aria-pressed', String(name === view));
      section.hidden = name !== view;
    }
  }
}
