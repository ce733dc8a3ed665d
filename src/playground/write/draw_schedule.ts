/**
 * Draws at most once a frame, and for at most a third of the time, so that the page stays responsive. A
 * drawing waits for a task first: browsers prefer frames to messages, so that tokens that have arrived would
 * otherwise wait for the next frame.
 */
export class DrawSchedule {
  readonly #draw: () => void;
  #isScheduled = false;
  /** Duration of the last drawing, with layout, in milliseconds. */
  #lastMs = 0;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  /** Draws at once. */
  draw(): void {
    const start = performance.now();
    this.#isScheduled = false;
    this.#draw();
    this.#lastMs = performance.now() - start;
  }

  /** Draws soon. */
  request(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setTimeout(() => {
      // A page in the background has no frames.
      if (document.hidden) this.draw();
      else requestAnimationFrame(() => this.draw());
    }, 2 * this.#lastMs);
  }
}
