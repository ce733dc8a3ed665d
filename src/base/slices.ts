import { throwIfAborted } from './errors.js';
import { nextTask } from './next_task.js';

/** Units of work, of about 10 ns each, between two pauses. */
const SLICE = 2 ** 21;

/** Divides long synchronous work into slices, between which other tasks run and an abort is noticed. */
export class Slices {
  readonly #signal: AbortSignal | undefined;
  readonly #doing: string;
  #done = 0;

  /** `doing` names the work in the error `aborted`. */
  constructor(signal: AbortSignal | undefined, doing: string) {
    this.#signal = signal;
    this.#doing = doing;
  }

  /** Notes work that was done; whether a pause is due. */
  add(units: number): boolean {
    this.#done += units;
    return this.#done >= SLICE;
  }

  /** Lets other tasks run. Throws `aborted`. */
  async pause(): Promise<void> {
    this.#done = 0;
    await nextTask();
    throwIfAborted(this.#signal, this.#doing);
  }
}
