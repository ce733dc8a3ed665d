import type { Progress } from './protocol.js';
import { watchedRunner } from './watched_runner.js';

/** An input that failed. */
export interface Failure {
  readonly input: Uint8Array;
  readonly why: string;
}

/** Longest time of a processor that an input may take. */
const LONGEST_MS = 2000;
/** Runners are started anew after so many inputs, so that memory that they keep shows. */
const INPUTS_OF_A_RUNNER = 50_000;
const MOST_FAILURES = 20;

/** How far the inputs of a target have come. */
export interface FuzzState {
  readonly seed: number;
  /** Number of the next input. */
  readonly next: number;
  /** Inputs that ran new code. */
  readonly kept: readonly Uint8Array[];
}

/** Reads inputs of one target until its time is over, in runners that are ended if an input takes too long. */
export class FuzzRun {
  readonly name: string;
  readonly failures: Failure[] = [];
  blocks = 0;
  mostBytes = 0;
  #next: number;
  readonly #longestMs: number;
  readonly #first: number;
  readonly #seed: number;
  #kept: Uint8Array[];

  /** `lanes`: runs in this process, whose processor time counts together. */
  constructor(name: string, { seed, next, kept }: FuzzState, lanes: number) {
    this.#longestMs = LONGEST_MS * lanes;
    this.name = name;
    this.#seed = seed;
    this.#first = next;
    this.#next = next;
    this.#kept = [...kept];
  }

  /** Inputs that were read. */
  get inputs(): number {
    return this.#next - this.#first;
  }

  get state(): FuzzState {
    return { seed: this.#seed, next: this.#next, kept: this.#kept };
  }

  async finish(inputs: number, ms: number, signal: AbortSignal): Promise<void> {
    const end = performance.now() + ms;
    const isOver = () =>
      performance.now() > end ||
      signal.aborted ||
      this.failures.length >= MOST_FAILURES ||
      this.inputs >= inputs;
    while (!isOver()) {
      const data = {
        ...{ name: this.name, seed: this.#seed, first: this.#next, kept: this.#kept.slice() },
        inputs: Math.min(INPUTS_OF_A_RUNNER, inputs - this.inputs),
      };
      const { next, broken } = await watchedRunner(data, this.#longestMs, isOver, (progress) =>
        this.#take(progress),
      );
      this.#next = next;
      if (broken === undefined) continue;
      if (await this.#failsAgain(broken.input)) this.failures.push(broken);
      this.#kept = this.#kept.filter((input) => !Buffer.from(input).equals(broken.input));
    }
  }

  #take(progress: Progress): void {
    if (progress.kind === 'failure') this.failures.push(progress);
    else if (progress.kind === 'kept') this.#kept.push(progress.input);
    else {
      this.#next = Math.max(this.#next, progress.number);
      this.blocks = Math.max(this.blocks, progress.blocks);
      this.mostBytes = Math.max(this.mostBytes, progress.mostBytes);
    }
  }

  /** Whether an input that took too long does so again: a machine that does something else makes all slow. */
  async #failsAgain(input: Uint8Array): Promise<boolean> {
    const data = { name: this.name, seed: this.#seed, first: 0, inputs: 0, kept: [input] };
    const { broken } = await watchedRunner(
      data,
      this.#longestMs,
      () => false,
      () => {},
    );
    return broken !== undefined;
  }
}
