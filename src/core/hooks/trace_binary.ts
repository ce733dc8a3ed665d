import { invalidOption } from '../../base/check_options.js';
import { instantiateCore } from '../abi/exports.js';
import { tune } from '../abi/tuning.js';
import { type Build, compileBinary, engineTuning } from '../binary.js';
import { binaryOf } from '../build_of.js';

/** The functions of assembly/trace_index.ts: pointers and sizes, as in `CoreExports`. */
export interface TraceExports extends Record<string, unknown> {
  embedBatch(model: number, batch: number): void;
  embedRow(model: number, out: number, token: number, position: number): void;
  matrixColumn(
    model: number,
    out: number,
    weight: number,
    column: number,
    inputs: number,
    addend: number,
  ): void;
  normalize(model: number, batch: number, layer: number, isSecond: boolean): void;
  /** `matrix`: ATTN, PROJ, FC or OUT. */
  product(
    model: number,
    batch: number,
    layer: number,
    matrix: number,
    out: number,
    x: number,
    accumulate: boolean,
    hasBias: boolean,
  ): void;
  attend(model: number, batch: number, layer: number): void;
  scores(
    model: number,
    batch: number,
    run: number,
    layer: number,
    head: number,
    row: number,
    out: number,
  ): void;
  pattern(out: number, scores: number, n: number): void;
  weightedValues(
    model: number,
    batch: number,
    run: number,
    layer: number,
    head: number,
    weights: number,
    n: number,
    out: number,
  ): void;
  activateHidden(model: number, batch: number): void;
  keepWantedRows(model: number, batch: number): void;
  finalNorm(model: number, first: number, rows: number): void;
  logits(model: number, out: number, rows: number): void;
  dataEnd(): number;
}

// Not in core/binary.ts, so that bundlers include these binaries only with what traces.
function binaryUrl(build: Build, threads: boolean): URL {
  if (threads) {
    return build === 'simd'
      ? new URL('../../build/wasm/trace-simd-threads.wasm', import.meta.url)
      : new URL('../../build/wasm/trace-relaxed-threads.wasm', import.meta.url);
  }
  return build === 'simd'
    ? new URL('../../build/wasm/trace-simd.wasm', import.meta.url)
    : new URL('../../build/wasm/trace-relaxed.wasm', import.meta.url);
}

/**
 * Links the parts of the forward pass with the memory of a model. `given`: the binary, compiled. Throws as
 * `compileBinary` does, and `invalid-option` for another module.
 */
export async function linkTracing(
  build: Build,
  memory: WebAssembly.Memory,
  given: unknown,
): Promise<TraceExports> {
  const isShared = Object.prototype.toString.call(memory.buffer) === '[object SharedArrayBuffer]';
  const name = `trace-${build}${isShared ? '-threads' : ''}`;
  if (given !== undefined && binaryOf(given) !== name) {
    throw invalidOption('module', given, `a WebAssembly.Module compiled from this package's ${name}.wasm`);
  }
  const compile = () => compileBinary(`${name}.wasm`, () => binaryUrl(build, isShared));
  const module = (given as WebAssembly.Module | undefined) ?? (await compile());
  const exports = await instantiateCore<TraceExports & Parameters<typeof tune>[0]>(module, memory);
  tune(exports, engineTuning(build));
  return exports;
}
