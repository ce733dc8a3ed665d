import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../../scripts/run.mjs';

const CHILD = fileURLToPath(new URL('node_child.mjs', import.meta.url));

/** An engine in a separate Node process. */
export class NodeHost {
  #child;
  #spec;

  static async start({ files, env = {}, ...spec }, { node }) {
    const host = new NodeHost();
    host.#spec = {
      ...spec,
      ...Object.fromEntries(Object.entries(files).map(([k, path]) => [k, join(root, path)])),
    };
    // Output of libraries must not get between the report's lines.
    const stdio = ['ignore', 'ignore', 'ignore', 'ipc'];
    host.#child = fork(CHILD, { execPath: node, execArgv: [], env: { ...process.env, ...env }, stdio });
    return host;
  }

  load() {
    return this.#call('load', this.#spec);
  }

  generate(work) {
    return this.#call('generate', work);
  }

  /** Calls a function of the engine that only some engines have. */
  call(name, argument) {
    return this.#call('call', { name, argument });
  }

  peakMegabytes() {
    return this.#call('peakMegabytes');
  }

  /** A Node program downloads nothing. */
  downloads() {
    return undefined;
  }

  async end() {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  #call(method, argument) {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const onExit = (code, signal) => reject(new Error(`its process ended (${signal ?? `status ${code}`})`));
      child.once('exit', onExit);
      child.once('message', ({ result, error }) => {
        child.off('exit', onExit);
        if (error === undefined) resolve(result);
        else reject(new Error(error));
      });
      if (child.connected) child.send({ method, argument });
      else onExit(child.exitCode, child.signalCode);
    });
  }
}
