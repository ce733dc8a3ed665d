import type { CoreExports } from '../abi/exports.js';
import type { TrainingCall } from '../abi/job.js';
import { type Build, compileBinary } from '../binary.js';

/** Exports of the training core: those of the core and of assembly/train_index.ts. */
export interface TrainExports extends CoreExports, Record<TrainingCall, (training: number) => void> {
  trainingScratchBytes(T: number, S: number, headSize: number): number;
  unpackRows(out: number, src: number, stride: number, rows: number, columns: number): void;
  unpackConv1d(out: number, panels: number, firstRow: number, rows: number, K: number, N: number): void;
  unpackLinear(out: number, panels: number, firstRow: number, rows: number, K: number): void;
  unpackPackedConv1d(
    weights: number,
    out: number,
    panels: number,
    firstRow: number,
    rows: number,
    K: number,
    N: number,
  ): void;
  unpackPackedLinear(
    weights: number,
    out: number,
    panels: number,
    firstRow: number,
    rows: number,
    K: number,
  ): void;
  /** Packs the copies of trained matrices again if they are stale, with the address of a TRAINING. */
  quantize(training: number): void;
}

// Not in core/binary.ts, so that bundlers include these binaries only if training is imported.
function binaryUrl(build: Build, threads: boolean): URL {
  if (threads) {
    return build === 'simd'
      ? new URL('../../build/wasm/train-simd-threads.wasm', import.meta.url)
      : new URL('../../build/wasm/train-relaxed-threads.wasm', import.meta.url);
  }
  return build === 'simd'
    ? new URL('../../build/wasm/train-simd.wasm', import.meta.url)
    : new URL('../../build/wasm/train-relaxed.wasm', import.meta.url);
}

/** Compiles a build of the core that can train. */
export function compileTrainCore(build: Build, threads: boolean): Promise<WebAssembly.Module> {
  return compileBinary(`train-${build}${threads ? '-threads' : ''}.wasm`, () => binaryUrl(build, threads));
}
