import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Longest that one call may take, in milliseconds. */
const PATIENCE = 180_000;

/** Debian's, which has its python3-torch. */
const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';

/** An engine that trains in a separate process; requests and answers are lines of JSON. */
export class EngineProcess {
  #child;
  #lines;
  #ended;

  constructor({ module, threads }, { node }) {
    const [program, script] =
      module === 'pytorch' ? [PYTHON, here('pytorch_child.py')] : [node, here('node_child.mjs')];
    // Libraries under PyTorch count processors otherwise.
    const env = { ...process.env, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) };
    // Warnings and other output of libraries are not answers.
    this.#child = spawn(program, [script], { stdio: ['pipe', 'pipe', 'ignore'], env });
    this.#child.stdin.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', resolve);
      this.#child.once('exit', (code, signal) => {
        resolve(new Error(`its process ended (${signal ?? `status ${code}`})`));
      });
    });
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  async call(method, argument = {}) {
    this.#child.stdin.write(`${JSON.stringify({ method, ...argument })}\n`);
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve(new Error(`no answer in ${PATIENCE / 1000} s`)), PATIENCE);
    });
    const answer = await Promise.race([this.#lines.next(), this.#ended, late]);
    clearTimeout(timer);
    if (answer instanceof Error) throw answer;
    if (answer.done) throw await this.#ended;
    const { result, error } = JSON.parse(answer.value);
    if (error !== undefined) throw new Error(error);
    return result;
  }

  async end() {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
