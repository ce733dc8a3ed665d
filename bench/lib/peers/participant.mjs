import { ChromiumHost } from '../hosts/chromium_host.mjs';
import { NodeHost } from '../hosts/node_host.mjs';
import { patient } from '../hosts/patient.mjs';
import { label } from './runs.mjs';

export const PROMPT_TOKENS = 512;
export const SHORT_PROMPT = 32;
export const DECODED_TOKENS = 128;

const HOSTS = { node: NodeHost, chromium: ChromiumHost };

/**
 * One run of the table: an engine in a separate process or page, with its measurements so far. A failure
 * is kept in `row.failure`, ends the process, and makes every later call do nothing.
 */
export class Participant {
  row;
  #host;
  #promptRates = [];
  #decodeRates = [];
  /** Milliseconds spent in measured calls. */
  spent = 0;

  constructor(run) {
    this.row = { ...run };
  }

  get isWell() {
    return this.row.failure === undefined;
  }

  /** Loads the model and generates once for each length, which is the warm-up. */
  start(files, { long, short }, { node }) {
    return this.#guard(async () => {
      const { module, host, weights, build, threads, env, file } = this.row;
      if (files[file] instanceof Error) throw files[file];
      this.#host = await HOSTS[host].start(
        { module, weights, build, threads, env, files: { [file]: files[file] } },
        { node },
      );
      const { ms, runtime } = await patient(this.#host.load());
      Object.assign(this.row, { loadMs: ms, runtime });
      const { first, tokens } = await this.#generate(long, 1);
      Object.assign(this.row, { firstTokenMs: first, tokens: [...(tokens ?? [])] });
      const more = await this.#generate(short, SHORT_PROMPT);
      this.row.tokens.push(...(more.tokens ?? []));
    });
  }

  /** One sample of each speed; the prompts are new in each round. */
  measure({ long, short }) {
    return this.#guard(async () => {
      const start = performance.now();
      const { first } = await this.#generate(long, 1);
      const { rest } = await this.#generate(short, DECODED_TOKENS + 1);
      this.#promptRates.push((1000 * PROMPT_TOKENS) / first);
      this.#decodeRates.push((1000 * DECODED_TOKENS) / rest);
      this.spent += performance.now() - start;
    });
  }

  async end() {
    await this.#guard(async () => {
      const promptTokensPerSecond = this.#promptRates;
      const decodeTokensPerSecond = this.#decodeRates;
      const peakMegabytes = await patient(this.#host.peakMegabytes());
      const downloads = this.#host.downloads();
      Object.assign(this.row, { promptTokensPerSecond, decodeTokensPerSecond, peakMegabytes, downloads });
    });
    await this.#endHost();
  }

  async #endHost() {
    const host = this.#host;
    this.#host = undefined;
    await host?.end();
  }

  #generate(prompt, count) {
    return patient(this.#host.generate({ prompt, count }));
  }

  async #guard(work) {
    if (!this.isWell) return;
    try {
      await work();
    } catch (error) {
      this.row.failure = String(error?.message ?? error).split('\n')[0];
      console.error(`${label(this.row)}: ${this.row.failure}`);
      await this.#endHost();
    }
  }
}
