import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../../scripts/run.mjs';
import { processUsage } from '../linux_process.mjs';
import { randomModel } from '../models/random_model.mjs';
import { SHAPES } from '../models/shapes.mjs';

const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));
const CLI = join(root, 'build/esm/cli.js');

/** A separate process of `gpt2-wasm serve`, with one thread. */
export class ServerProcess {
  #child;
  #log = '';
  url;

  /**
   * `model`: a source as serve takes it, or a size of the bench's random models, such as 124M; undefined: the model in the
   * package. `flags`: further flags of node; `serveFlags`: of serve. `isProbed`: has a channel for messages.
   */
  static async start({
    model,
    weights,
    build = 'simd',
    node = process.execPath,
    flags = [],
    serveFlags = [],
    isProbed = false,
  }) {
    const source = Object.hasOwn(SHAPES, model ?? '') ? randomModel(CACHE, model) : model;
    const server = new ServerProcess();
    const args = [
      ...(source === undefined ? [] : ['--model', `bench=${source}`]),
      ...(weights === undefined ? [] : ['--weights', weights]),
    ];
    server.#child = spawn(
      node,
      [
        ...[...flags, CLI, 'serve', '--port', '0', '--threads', '1', '--build', build, '--quiet'],
        ...[...args, ...serveFlags],
      ],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe', ...(isProbed ? ['ipc'] : [])] },
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

  get child() {
    return this.#child;
  }

  get isRunning() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its use of the machine, as `processUsage` gives it; undefined if it has ended. */
  usage() {
    return this.isRunning ? processUsage(this.#child.pid) : undefined;
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
