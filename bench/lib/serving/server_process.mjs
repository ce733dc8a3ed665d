import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../../scripts/run.mjs';
import { randomModel } from '../models/random_model.mjs';
import { SHAPES } from '../models/shapes.mjs';

const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));
const CLI = join(root, 'build/esm/cli.js');
/** Kernel ticks a second in /proc, the same on all of Linux' usual platforms. */
const TICKS = 100;

/** A separate process of `gpt2-wasm serve`, with one thread. */
export class ServerProcess {
  #child;
  #log = '';
  url;

  /**
   * `model`: a source as serve takes it, or a size of the bench's random models, such as 124M; undefined: the model in the
   * package. `flags`: further flags of node.
   */
  static async start({ model, weights, build = 'simd', node = process.execPath, flags = [] }) {
    const source = Object.hasOwn(SHAPES, model ?? '') ? randomModel(CACHE, model) : model;
    const server = new ServerProcess();
    const args = [
      ...(source === undefined ? [] : ['--model', `bench=${source}`]),
      ...(weights === undefined ? [] : ['--weights', weights]),
    ];
    server.#child = spawn(
      node,
      [...flags, CLI, 'serve', '--port', '0', '--threads', '1', '--build', build, '--quiet', ...args],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    server.url = await server.#listening();
    return server;
  }

  #listening() {
    const child = this.#child;
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (more) => {
      this.#log += more;
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        reject(new Error(`serve ended (${signal ?? `status ${code}`}): ${this.#log.trim()}`)),
      );
      child.stdout.setEncoding('utf8').on('data', (more) => {
        text += more;
        const [, url] = /^(http\S+)\/v1\n/m.exec(text) ?? [];
        if (url !== undefined) resolve(url);
      });
    });
  }

  /** Its output on stderr. */
  get log() {
    return this.#log;
  }

  get isRunning() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resident megabytes now and at most so far, and seconds of processor time; undefined without /proc. */
  usage() {
    if (process.platform !== 'linux' || !this.isRunning) return undefined;
    const read = (name) => readFileSync(`/proc/${this.#child.pid}/${name}`, 'utf8');
    const status = read('status');
    const megabytes = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)[1]) / 1024;
    const [user, system] = read('stat').split(') ')[1].split(' ').slice(11, 13).map(Number);
    return {
      megabytes: megabytes('VmRSS'),
      peakMegabytes: megabytes('VmHWM'),
      seconds: (user + system) / TICKS,
    };
  }

  /** Resolves when no request computes or waits. */
  async idle() {
    for (;;) {
      const metrics = await (await fetch(`${this.url}/metrics`)).text();
      if (/^gpt2_wasm_requests_computing 0$/m.test(metrics)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async end() {
    if (!this.isRunning) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await ended;
  }
}
