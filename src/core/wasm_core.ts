import type { ModelConfig } from '../config.js';
import { Gpt2Error } from '../errors.js';
import { weightSlots } from '../weights/slots.js';
import { type Build, carriesTallTiles, compileCore } from './binary.js';
import { type CoreExports, instantiateCore } from './exports.js';
import {
  BLOCK_SIZE,
  cacheBytes,
  estimateMemory,
  LOGITS_ROWS,
  packedBytes,
  padded,
  scratchLengths,
  type WeightFormat,
} from './layout.js';
import { CoreMemory } from './memory.js';
import { LAYER_FIELDS, MODEL_FIELDS, writeModelStruct } from './model_struct.js';
import { Packer, stagingBytes } from './packer.js';
import type { Core, KvCache, LogitsRow } from './types.js';

/** What the binary itself, the structures and the alignment of regions take at most, in bytes. */
const OVERHEAD = 65536;

/** A build of the core with its memory. */
interface Linked {
  readonly memory: CoreMemory;
  readonly core: CoreExports;
}

/** Addresses of the scratch regions. */
type Scratch = Record<keyof ReturnType<typeof scratchLengths>, number>;

class WasmKvCache implements KvCache {
  #address: number | undefined;
  readonly #bytes: number;
  readonly #memory: CoreMemory;
  readonly #giveBack: (address: number) => void;

  constructor(memory: CoreMemory, address: number, bytes: number, giveBack: (address: number) => void) {
    this.#memory = memory;
    this.#address = address;
    this.#bytes = bytes;
    this.#giveBack = giveBack;
  }

  get address(): number {
    if (this.#address === undefined) throw new Gpt2Error('disposed', 'this KV cache was released');
    return this.#address;
  }

  copyFrom(other: KvCache): void {
    const from = (other as WasmKvCache).address;
    this.#memory.bytes(this.address, this.#bytes).set(this.#memory.bytes(from, this.#bytes));
  }

  release(): void {
    if (this.#address !== undefined) this.#giveBack(this.#address);
    this.#address = undefined;
  }
}

/** One checkpoint's compute core: its memory, its weights and its caches. */
export class WasmCore implements Core {
  readonly config: ModelConfig;
  readonly build: Build;
  readonly weights: WeightFormat;
  readonly blockSize = BLOCK_SIZE;
  readonly logitsRows = LOGITS_ROWS;
  /** Takes the weights; usable until the first cache is created. */
  readonly sink: Packer;
  #linked: Linked | undefined;
  readonly #model: number;
  readonly #scratch: Scratch;
  readonly #freeCaches: number[] = [];

  private constructor(
    config: ModelConfig,
    build: Build,
    weights: WeightFormat,
    memory: CoreMemory,
    core: CoreExports,
  ) {
    this.config = config;
    this.build = build;
    this.weights = weights;
    this.#linked = { memory, core };
    const slots = weightSlots(config);
    memory.startAt(core.heapBase());
    this.#model = memory.reserve(4 * MODEL_FIELDS);
    const layers = memory.reserve(4 * LAYER_FIELDS * config.layers);
    const lengths = Object.entries(scratchLengths(config, weights));
    const scratch = Object.fromEntries(lengths.map(([name, length]) => [name, memory.reserve(4 * length)]));
    this.#scratch = scratch as Scratch;
    const attention = memory.reserve(core.attentionScratchBytes(config.channels / config.heads));
    const packed = new Map(slots.map((slot) => [slot.name, memory.reserve(packedBytes(slot, weights))]));
    const weight = (name: string) => packed.get(name)!;
    const view = new DataView(memory.memory.buffer);
    const pointers = { ...this.#scratch, attention, model: this.#model, layers, weight };
    writeModelStruct(view, config, weights, pointers);
    core.allowTallTiles(carriesTallTiles());

    // The first cache's place is staging until the weights are in: a cache may begin with any content.
    const firstCache = memory.reserve(Math.max(cacheBytes(config), stagingBytes(slots)));
    this.#freeCaches.push(firstCache);
    this.sink = new Packer(memory, core, weights, firstCache, weight);
  }

  /** Compiles, links and plans the memory of a model; its weights are still zero. Throws `runtime` and `out-of-memory`. */
  static async create(
    config: ModelConfig,
    build: Build,
    weights: WeightFormat,
    module?: WebAssembly.Module,
  ): Promise<WasmCore> {
    const needed = estimateMemory(config, weights);
    const firstCache = Math.max(needed.cache, stagingBytes(weightSlots(config)));
    const memory = new CoreMemory(needed.weights + needed.scratch + firstCache + OVERHEAD);
    const core = await instantiateCore(module ?? (await compileCore(build)), memory.memory);
    return new WasmCore(config, build, weights, memory, core);
  }

  /** Bytes of WebAssembly memory the model has now. */
  get memoryBytes(): number {
    return this.#alive.memory.byteLength;
  }

  /** Lets the memory go; every later call throws `disposed`. */
  dispose(): void {
    this.#linked = undefined;
  }

  createCache(): KvCache {
    const { memory } = this.#alive;
    const bytes = cacheBytes(this.config);
    const address = this.#freeCaches.pop() ?? memory.reserve(bytes);
    return new WasmKvCache(memory, address, bytes, (free) => this.#freeCaches.push(free));
  }

  forward(cache: KvCache, tokens: ArrayLike<number>, start: number): void {
    const { memory, core } = this.#alive;
    memory.i32(this.#scratch.tokens, tokens.length).set(tokens);
    core.forward(this.#model, (cache as WasmKvCache).address, this.#scratch.tokens, tokens.length, start);
  }

  logits(first: number, rows: number): LogitsRow[] {
    const linked = this.#alive;
    const stride = 4 * padded(this.config.vocabSize);
    linked.core.head(this.#model, this.#scratch.logits, first, rows);
    return Array.from({ length: rows }, (_, row) => this.#row(linked, this.#scratch.logits + row * stride));
  }

  get #alive(): Linked {
    if (this.#linked === undefined) throw new Gpt2Error('disposed', 'the model was disposed; load it again');
    return this.#linked;
  }

  #row({ memory, core }: Linked, address: number): LogitsRow {
    const { vocabSize } = this.config;
    const { probabilities, ids } = this.#scratch;
    return {
      values: memory.f32(address, vocabSize),
      argmax: () => core.argmax(address, vocabSize),
      logSumExp: () => core.logSumExp(probabilities, address, vocabSize),
      softmax(temperature) {
        core.softmax(probabilities, address, vocabSize, temperature);
        return memory.f32(probabilities, vocabSize);
      },
      topK(k) {
        core.topK(ids, probabilities, vocabSize, k);
        return memory.i32(ids, k);
      },
    };
  }
}
