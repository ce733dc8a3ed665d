import { invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import type { WeightFormat } from '../dtypes/weight_formats.js';
import { compileFile } from '../host/platform.js';
import type { Tuning } from './abi/tuning.js';

/**
 * `simd`: the same bits on every machine. `relaxed`: faster, but the last bits may differ between machines.
 */
export type Build = 'simd' | 'relaxed';

/** The bytes of a module that exports one function `f`, whose body is `code`. */
function moduleOf(result: 'i32' | 'nothing', ...code: number[]): Uint8Array<ArrayBuffer> {
  const type = result === 'i32' ? [0x60, 0, 1, 0x7f] : [0x60, 0, 0];
  const body = [0, ...code, 0x0b];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, type.length + 1, 1, ...type],
    ...[3, 2, 1, 0],
    ...[7, 5, 1, 1, 0x66, 0, 0],
    ...[10, body.length + 2, 1, body.length, ...body],
  ]);
}

function probe(...code: number[]): boolean {
  return WebAssembly.validate(moduleOf('nothing', ...code));
}

const v128Const = (byte: number) => [0xfd, 0x0c, ...new Array<number>(16).fill(byte)];
const V128_CONST_0 = v128Const(0);
const DROP = 0x1a;

/** Whether the runtime has fixed-width SIMD. */
function supportsSimd(): boolean {
  return probe(...V128_CONST_0, DROP);
}

/** Whether the runtime has relaxed SIMD, tested by f32x4.relaxed_madd. */
export function supportsRelaxedSimd(): boolean {
  return probe(...V128_CONST_0, ...V128_CONST_0, ...V128_CONST_0, 0xfd, 0x85, 0x02, DROP);
}

/**
 * The i32 that `code` computes; `undefined` if an edge runtime or a page's content policy refuses to compile.
 */
function computed(...code: number[]): number | undefined {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleOf('i32', ...code)));
    return (exports as { f(): number }).f();
  } catch {
    return undefined;
  }
}

/** Lane 0 of i16x8.relaxed_dot_i8x16_i7x16_s of two vectors, each with the same byte in all lanes. */
function relaxedDot(a: number, b: number): number | undefined {
  return computed(...v128Const(a), ...v128Const(b), 0xfd, 0x92, 0x02, 0xfd, 0x18, 0);
}

/** Lane 0 of i32x4.relaxed_dot_i8x16_i7x16_add_s of such vectors, `sum` also repeated in all bytes. */
function relaxedDotAdd(a: number, b: number, sum: number): number | undefined {
  return computed(...v128Const(a), ...v128Const(b), ...v128Const(sum), 0xfd, 0x93, 0x02, 0xfd, 0x1b, 0);
}

/**
 * Whether the engine computes relaxed SIMD's 8-bit dot products as specified; q8 and q4 need them. V8's
 * baseline compiler did not while relaxed SIMD was an experiment (Node 20, behind a flag).
 */
export function computesRelaxedDot(): boolean {
  const isRight = relaxedDotAdd(0x81, 126, 7) === 4 * -127 * 126 + 7 * 0x01010101;
  return isRight && relaxedDot(0x81, 126) === 2 * -127 * 126;
}

/**
 * Whether the dot product with addition is one instruction (x86 with AVX-VNNI, ARM) and not several. x86
 * without it uses pmaddubsw, whose sums of two products saturate at 32,767. The result for a second operand
 * above 127 is up to the engine, and no other instruction gives saturated sums.
 */
export function dotAddIsOneInstruction(): boolean {
  return relaxedDotAdd(127, 255, 0) !== 2 * 32767;
}

/**
 * Whether the engine keeps a tile of 6 rows in registers. V8 up to 12 hoists every load of a loop's body and
 * spills, which halves the speed of 4 rows; 13 and later do not. V8 got 64-bit memories after that change, so
 * a module with one tells the two apart; engines without them use the tile of 4 rows, which is good
 * everywhere.
 */
function fitsTallTiles(): boolean {
  return WebAssembly.validate(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 0]));
}

/** The variants of a build's kernels that are fastest on this engine. */
export function engineTuning(build: Build): Tuning {
  return { tallTiles: fitsTallTiles(), dotAdd: build === 'relaxed' && dotAddIsOneInstruction() };
}

/** The reason why this engine cannot run the relaxed build with such weights; `undefined` if it can. */
function reasonAgainstRelaxed(weights: WeightFormat): string | undefined {
  if (!supportsRelaxedSimd()) return 'this runtime has no relaxed SIMD';
  if (weights !== 'f32' && !computesRelaxedDot())
    return "this runtime's relaxed SIMD gives wrong 8-bit products";
  return undefined;
}

/** Throws `invalid-option` if this is no build's name. */
export function checkBuild(build: 'auto' | Build | undefined): void {
  if (build !== undefined && build !== 'auto' && build !== 'simd' && build !== 'relaxed') {
    throw invalidOption('build', build, "'auto', 'simd' or 'relaxed'");
  }
}

/**
 * The build to run: the requested one, or for `auto` the fastest that this engine can run. Throws `runtime`.
 */
export function chooseBuild(wish: 'auto' | Build, weights: WeightFormat): Build {
  if (typeof WebAssembly === 'undefined' || !supportsSimd()) {
    throw new Gpt2Error(
      'runtime',
      'this runtime has no WebAssembly with fixed-width SIMD; use one from 2021 or later',
    );
  }
  if (wish === 'simd') return 'simd';
  const reason = reasonAgainstRelaxed(weights);
  if (reason === undefined) return 'relaxed';
  if (wish === 'auto') return 'simd';
  throw new Gpt2Error('runtime', `${reason}; choose build 'simd' or 'auto'`);
}

/**
 * The address of a binary. It is the same relative to src/core/, build/esm/ and build/web/, and bundlers
 * follow it too.
 */
function binaryUrl(build: Build, threads: boolean): URL {
  if (threads) {
    return build === 'simd'
      ? new URL('../../build/wasm/simd-threads.wasm', import.meta.url)
      : new URL('../../build/wasm/relaxed-threads.wasm', import.meta.url);
  }
  return build === 'simd'
    ? new URL('../../build/wasm/simd.wasm', import.meta.url)
    : new URL('../../build/wasm/relaxed.wasm', import.meta.url);
}

/**
 * Compiles a build of the core, for one thread or for several with a shared memory. Throws as `compileBinary`
 * does.
 */
export function compileCore(build: Build, threads: boolean): Promise<WebAssembly.Module> {
  return compileBinary(`${build}${threads ? '-threads' : ''}.wasm`, () => binaryUrl(build, threads));
}

/**
 * Compiles a binary of the package by its name; runtimes that fetch it use the address that `url` returns.
 * Throws `runtime` if the runtime refuses to compile it, `not-found` if the binary is missing, and `network`.
 */
export async function compileBinary(name: string, url: () => URL): Promise<WebAssembly.Module> {
  try {
    return await compileFile(name, url);
  } catch (cause) {
    if ((cause as Error)?.name !== 'CompileError') throw cause;
    throw new Gpt2Error(
      'runtime',
      `${name} cannot be compiled here: ${(cause as Error).message}; pass loadModel a compiled module, or allow ` +
        "'wasm-unsafe-eval' in the page's content security policy",
      { cause },
    );
  }
}
