const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Rows of buttons that are one stop of the Tab key: arrows go to the button beside, Home and End to the ends of the row. */
export class Roving {
  readonly #places = new Map<EventTarget, readonly [number, number]>();
  #rows: readonly (readonly HTMLElement[])[] = [];
  #current: HTMLElement | undefined;

  /** `box` contains the buttons. */
  constructor(box: HTMLElement) {
    box.addEventListener('focusin', ({ target }) => {
      if (this.#places.has(target!)) this.#take(target as HTMLElement);
    });
    box.addEventListener('keydown', (event) => {
      const place = this.#places.get(event.target!);
      if (place === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      const next = placeAfter(event.key, place, this.#rows);
      if (next === undefined) return;
      event.preventDefault();
      next.focus();
      next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    });
  }

  /** Sets the buttons. `first` is the one that the Tab key reaches first. */
  set(rows: readonly (readonly HTMLElement[])[], first: HTMLElement): void {
    this.#rows = rows;
    this.#places.clear();
    for (const [r, row] of rows.entries()) {
      for (const [c, element] of row.entries()) {
        this.#places.set(element, [r, c]);
        element.tabIndex = -1;
      }
    }
    this.#current = undefined;
    this.#take(first);
  }

  #take(element: HTMLElement): void {
    if (this.#current !== undefined) this.#current.tabIndex = -1;
    this.#current = element;
    element.tabIndex = 0;
  }
}

function placeAfter(
  key: string,
  [row, column]: readonly [number, number],
  rows: readonly (readonly HTMLElement[])[],
): HTMLElement | undefined {
  const own = rows[row]!;
  if (key === 'Home') return own[0];
  if (key === 'End') return own.at(-1);
  const step = STEPS[key];
  return step && rows[row + step[0]]?.[column + step[1]];
}
