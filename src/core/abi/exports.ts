import { demangle } from '@assemblyscript/loader';

/**
 * The functions of assembly/index.ts. Pointers and sizes are unsigned 32-bit numbers of bytes unless a name
 * says otherwise.
 */
export interface CoreExports extends Record<string, unknown> {
  heapBase(): number;
  threadScratchBytes(rows: number, headSize: number, longestInput: number): number;
  allowTallTiles(allowed: boolean): void;
  preferDotAdd(preferred: boolean): void;
  /** NaN if one of n f32 is NaN. */
  largestMagnitude(values: number, n: number): number;
  decode(out: number, src: number, dtype: number, count: number): void;
  packRows(out: number, stride: number, src: number, rows: number, columns: number): void;
  /** `weights` is the code of a format (FORMATS). */
  packConv1d(
    weights: number,
    panels: number,
    src: number,
    firstRow: number,
    rows: number,
    K: number,
    N: number,
  ): void;
  packLinear(weights: number, panels: number, src: number, firstRow: number, rows: number, K: number): void;
  /** Packs blocks of the format's GGUF type as they are. Not 0 if all their scales are finite. */
  packBlocks(weights: number, panels: number, src: number, firstRow: number, rows: number, K: number): number;
  sharedBytes(): number;
  joinThreads(index: number, count: number, meeting: number): void;
  announceJob(meeting: number): void;
  awaitJob(done: number): number;
  forward(model: number, batch: number, firstLayer: number, endLayer: number): void;
  /** `out` may be 0: then only the final hidden states are computed. */
  head(model: number, out: number, first: number, rows: number): void;
  /** Copies the first `count` positions of all `parts` heads of a page. `format`: as in KV_CODES. */
  copyPositions(
    format: number,
    to: number,
    from: number,
    count: number,
    headSize: number,
    parts: number,
  ): void;
  argmax(values: number, n: number): number;
  /** Writes four f64: ln p of `id`, its rank, the entropy, the variance of ln p. */
  measure(out: number, scratch: number, values: number, n: number, id: number): void;
  logSumExp(scratch: number, values: number, n: number): number;
  softmax(out: number, values: number, n: number, temperature: number): void;
  blockSums(sums: number, values: number, n: number): void;
  bucketSums(sums: number, counts: number, values: number, n: number): void;
  topK(ids: number, values: number, n: number, k: number): void;
}

/** Links a compiled build with a memory; E names what the build exports. */
export async function instantiateCore<E extends CoreExports = CoreExports>(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Promise<E> {
  // The loader's `instantiate` refuses modules of another realm and includes support for strings and arrays.
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return demangle<E>(exports);
}
