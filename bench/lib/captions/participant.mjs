import { ChromiumHost } from '../hosts/chromium_host.mjs';
import { NodeHost } from '../hosts/node_host.mjs';
import { patient } from '../hosts/patient.mjs';
import { summary } from '../stats.mjs';
import { label } from './runs.mjs';

const HOSTS = { node: NodeHost, chromium: ChromiumHost };
export const TOKENS = 16;

/**
 * One run of an engine, in its own process or page, and its measurements so far, in milliseconds. A failure is kept in
 * `row.failure`, ends the process, and makes every later call do nothing.
 */
export class Participant {
  row;
  #host;
  #samples = [];
  /** Ids of each caption, in the order of their images. */
  ids = [];

  constructor(run) {
    this.row = { ...run };
  }

  /** Loads the model, and does once what is measured later. */
  start({ folder, config }, { node }) {
    return this.#guard(async () => {
      const { module, host, weights, build, threads } = this.row;
      const spec = { module, weights, build, threads, config, files: { folder } };
      this.#host = await HOSTS[host].start(spec, { node });
      const { ms, runtime } = await patient(this.#host.load());
      Object.assign(this.row, { loadMs: ms, memoryBytes: runtime?.memoryBytes });
      await this.#sample(0);
    });
  }

  /** A sample of each time; rounds count from 1, and have an image each. */
  measure(round) {
    return this.#guard(async () => {
      this.#samples.push(await this.#sample(round));
    });
  }

  async end() {
    await this.#guard(async () => {
      this.row.peakMegabytes = await patient(this.#host.peakMegabytes());
      for (const kind of ['pixels', 'encode', 'first', 'token', 'caption', 'whole']) {
        const times = this.#samples.map((sample) => sample[kind]).filter((time) => time !== undefined);
        if (times.length > 0) this.row[kind] = summary(times);
      }
      this.row.samples = this.#samples;
      this.row.ids = this.ids;
    });
    await this.#endHost();
  }

  async #sample(seed) {
    const call = (name, argument) => patient(this.#host.call(name, argument));
    const pixels = this.row.engine.startsWith('onnxruntime') ? undefined : await call('pixels');
    const encode = await call('encode', seed);
    const { first, rest, tokens } = await call('caption', { seed, count: TOKENS });
    this.ids.push(tokens);
    const caption = first + rest;
    const whole = pixels === undefined ? undefined : pixels + caption;
    return { pixels, encode, first, token: rest / (TOKENS - 1), caption, whole };
  }

  async #endHost() {
    const host = this.#host;
    this.#host = undefined;
    await host?.end();
  }

  async #guard(work) {
    if (this.row.failure !== undefined) return;
    try {
      await work();
    } catch (error) {
      this.row.failure = String(error?.message ?? error).split('\n')[0];
      console.error(`${label(this.row)}: ${this.row.failure}`);
      await this.#endHost();
    }
  }
}
