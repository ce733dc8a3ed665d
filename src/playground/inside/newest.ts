/** Does one piece of work at a time. Of those that are requested meanwhile only the newest is done. */
export class Newest {
  #next: (() => Promise<void>) | undefined;
  #done: Promise<void> | undefined;

  /** Resolves when nothing is left to do. `work` handles its own errors. */
  request(work: () => Promise<void>): Promise<void> {
    this.#next = work;
    this.#done ??= this.#run();
    return this.#done;
  }

  async #run(): Promise<void> {
    for (let work = this.#next; work !== undefined; work = this.#next) {
      this.#next = undefined;
      await work();
    }
    this.#done = undefined;
  }
}
