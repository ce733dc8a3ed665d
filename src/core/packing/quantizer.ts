import { BLOCK, PANEL } from '../../../assembly/abi.js';
import type { BlockEncoder, MatrixRows } from '../../dtypes/encode.js';
import { FORMATS, type QuantizedFormat } from '../../dtypes/weight_formats.js';
import { type CoreExports, instantiateCore } from '../abi/exports.js';
import { chooseBuild, compileCore } from '../binary.js';
import { buildOf } from '../build_of.js';
import { packedBytes } from '../layout.js';
import { CoreMemory } from '../memory.js';
import { Packer } from './packer.js';

/** Upper bound of the bytes that the binary itself takes. */
const OVERHEAD = 65536;

/**
 * Bytes of a scale, and of one column in a group; a panel's block has all scales first, then group after
 * group.
 */
const SCALE_BYTES = 2;
const GROUP_BYTES = 4;

/** Quantizes matrices with the packing of the core: a file gets the very blocks that loading makes. */
export class Quantizer implements BlockEncoder {
  readonly #core: CoreExports;
  readonly #memory: CoreMemory;
  readonly #weights: QuantizedFormat;

  private constructor(core: CoreExports, memory: CoreMemory, weights: QuantizedFormat) {
    this.#core = core;
    this.#memory = memory;
    this.#weights = weights;
  }

  /** `module` as for `loadModel`. Throws `runtime`, and `invalid-option` for another module. */
  static async create(weights: QuantizedFormat, module: WebAssembly.Module | undefined): Promise<Quantizer> {
    if (module !== undefined) buildOf(module);
    const memory = new CoreMemory(OVERHEAD, false);
    const compiled = module ?? (await compileCore(chooseBuild('simd', weights), false));
    return new Quantizer(await instantiateCore(compiled, memory.memory), memory, weights);
  }

  encode(
    { parameter, rows, values }: MatrixRows,
    out: Uint8Array<ArrayBuffer>,
    at: number,
    rowBytes: number,
  ): void {
    const columns = parameter.shape[1]!;
    const part = { ...parameter, shape: [rows, columns] };
    // Nothing of a call is needed in the next one.
    this.#memory.startAt(this.#core.heapBase());
    const staging = this.#memory.reserve(values.byteLength);
    const panels = this.#memory.reserve(packedBytes(part, this.#weights));
    const packer = new Packer(this.#memory, this.#core, this.#weights, staging, () => panels);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    packer.pack(part, 0, rows, bytes, 'F32');
    const [K, N] = parameter.kind === 'conv1d' ? [rows, columns] : [columns, rows];
    this.#unpack(panels, K / BLOCK, N, out, at, rowBytes);
  }

  /**
   * Copies the blocks of N columns out of their panels; those of column n go to out[at + n rowBytes] and
   * after it.
   */
  #unpack(
    panels: number,
    blocks: number,
    N: number,
    out: Uint8Array<ArrayBuffer>,
    at: number,
    rowBytes: number,
  ): void {
    const { panelBlockBytes: blockBytes } = FORMATS[this.#weights];
    const groups = (blockBytes / PANEL - SCALE_BYTES) / GROUP_BYTES;
    const packed = this.#memory.bytes(panels, Math.ceil(N / PANEL) * blocks * blockBytes);
    for (let n = 0; n < N; n++) {
      const column = n % PANEL;
      let block = Math.floor(n / PANEL) * blocks * blockBytes;
      let o = at + n * rowBytes;
      for (let i = 0; i < blocks; i++, block += blockBytes) {
        let from = block + SCALE_BYTES * column;
        out[o++] = packed[from]!;
        out[o++] = packed[from + 1]!;
        from = block + PANEL * SCALE_BYTES + GROUP_BYTES * column;
        for (let group = 0; group < groups; group++, from += PANEL * GROUP_BYTES) {
          out[o++] = packed[from]!;
          out[o++] = packed[from + 1]!;
          out[o++] = packed[from + 2]!;
          out[o++] = packed[from + 3]!;
        }
      }
    }
  }
}
