import { readFileSync } from 'node:fs';

const PAGE = 65536;
const DATA = 1024;
/** Larger than any last-level cache of today's desktop and server processors. */
const READ_BYTES = 512 * 2 ** 20;
const TURNS = 1_000_000;

/** The machine's limits on one thread, measured by the same WebAssembly engine that runs the model. */
export class Peaks {
  #core;

  /** `build` decides what a multiply-add is: fused in `relaxed`, two instructions in `simd`. */
  constructor(build) {
    const url = new URL(`../../build/peaks-${build}.wasm`, import.meta.url);
    const memory = new WebAssembly.Memory({ initial: 1 + READ_BYTES / PAGE });
    this.#core = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(url)), {
      env: { memory },
    }).exports;
    this.#core.write(DATA, READ_BYTES);
    for (let i = 0; i < 2000; i++) {
      this.#core.multiplyAdd(500, DATA);
      this.#core.dot16(500, DATA);
      this.#core.dot(500, DATA);
      this.#core.read(DATA, 65536);
    }
  }

  /** GFLOP/s of f32 multiply-adds in registers: one sample. */
  multiplyAdd() {
    return this.#rate('multiplyAdd', 4);
  }

  /** GOP/s of whole-number multiply-adds in registers, by the faster of the 8-bit and the 16-bit dot: one sample. */
  dot() {
    return Math.max(this.#rate('dot', this.#core.DOT_LANES.value), this.#rate('dot16', 8));
  }

  /** Billions a second of the multiplications and additions of one function, `lanes` of each in an operation. */
  #rate(name, lanes) {
    const start = performance.now();
    this.#core[name](TURNS, DATA);
    return (TURNS * this.#core.OPERATIONS_PER_TURN.value * lanes * 2) / (performance.now() - start) / 1e6;
  }

  /** GB/s of reading memory that was written before and does not fit a cache: one sample. */
  read() {
    const start = performance.now();
    this.#core.read(DATA, READ_BYTES);
    return READ_BYTES / (performance.now() - start) / 1e6;
  }
}
