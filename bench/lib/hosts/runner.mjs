/** Answers a host's requests in its process or page: loads one engine and generates. In Node and in pages. */
export class Runner {
  #engine;

  /** Milliseconds from the start of the loading to a model that can generate; the import is not counted. */
  async load({ module, ...spec }) {
    const { load } = await import(`../engines/${module}.mjs`);
    const start = performance.now();
    this.#engine = await load(spec);
    return { ms: performance.now() - start, runtime: this.#engine.runtime };
  }

  /**
   * Greedy continuation of a prompt ({ ids, text }): milliseconds to the first of `count` tokens and from it to the
   * last, and the ids if the engine reports them.
   */
  generate({ prompt, count }) {
    return this.#engine.generate(prompt, count);
  }

  /** Calls another function of the engine. */
  call({ name, argument }) {
    return this.#engine[name](argument);
  }
}
