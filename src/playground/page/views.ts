import { byId } from './dom.js';

export type View = 'write' | 'teach' | 'examine' | 'inside' | 'describe';

/** The beginning of the address of each view but Write, within the page. */
const ADDRESSES = { teach: '#teach', examine: '#examine', inside: '#inside', describe: '#describe' };

/** The views of the page, one of which is shown. Each has an address, so that Back leads to the other. */
export class Views {
  readonly #views = {
    write: { button: byId('view-write', HTMLButtonElement), section: byId('write', HTMLElement) },
    teach: { button: byId('view-teach', HTMLButtonElement), section: byId('teach', HTMLElement) },
    examine: { button: byId('view-examine', HTMLButtonElement), section: byId('examine', HTMLElement) },
    inside: { button: byId('view-inside', HTMLButtonElement), section: byId('inside', HTMLElement) },
    describe: { button: byId('view-describe', HTMLButtonElement), section: byId('describe', HTMLElement) },
  };
  readonly #onChange: (view: View) => void;
  #current: View = 'write';

  constructor(onChange: (view: View) => void) {
    this.#onChange = onChange;
    for (const [name, { button }] of Object.entries(this.#views)) {
      button.addEventListener('click', () => this.show(name as View));
    }
    // Links within the page, such as the one to the text, also cause this event.
    addEventListener('popstate', () => this.#set(addressed()));
    this.#set(addressed());
  }

  get current(): View {
    return this.#current;
  }

  show(view: View): void {
    if (view === this.#current) return;
    history.pushState(null, '', view === 'write' ? location.pathname + location.search : ADDRESSES[view]);
    this.#set(view);
  }

  #set(view: View): void {
    const hasChanged = view !== this.#current;
    this.#current = view;
    document.body.dataset.view = view;
    for (const [name, { button, section }] of Object.entries(this.#views)) {
      button.setAttribute('aria-pressed', String(name === view));
      section.hidden = name !== view;
    }
    if (hasChanged) this.#onChange(view);
  }
}

function addressed(): View {
  if (location.hash === ADDRESSES.teach) return 'teach';
  if (location.hash === ADDRESSES.inside) return 'inside';
  if (location.hash === ADDRESSES.describe) return 'describe';
  return location.hash.startsWith(ADDRESSES.examine) ? 'examine' : 'write';
}
