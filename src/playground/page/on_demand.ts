/** A view that is loaded when it is first shown. */
export class OnDemand<View> {
  readonly #make: () => Promise<View>;
  readonly #onError: (error: unknown, again: () => void) => void;
  #view: View | undefined;
  #loading: Promise<View> | undefined;

  /** `onError` gets what loads the view again. */
  constructor(make: () => Promise<View>, onError: (error: unknown, again: () => void) => void) {
    this.#make = make;
    this.#onError = onError;
  }

  /** The view; `undefined` until it is loaded. */
  get view(): View | undefined {
    return this.#view;
  }

  /** Loads the view, once. */
  async load(): Promise<void> {
    this.#loading ??= this.#make();
    try {
      this.#view = await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      this.#onError(error, () => void this.load());
    }
  }
}
