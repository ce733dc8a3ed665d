import { PAGE, padded } from '../../../assembly/abi.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { Gpt2Error } from '../../base/errors.js';
import { nextTask } from '../../base/next_task.js';
import { now } from '../../base/timers.js';
import type { CoreExports } from '../abi/exports.js';
import type { JobRunner } from '../abi/job.js';
import { structBytes, writeStruct } from '../abi/struct.js';
import type { PageStore, SequenceMemory } from '../kv/paged_sequence.js';
import { BATCH_ROWS } from '../layout.js';
import type { CoreMemory } from '../memory.js';
import type { RequestRun } from '../scheduler/request.js';
import type { CrossHost } from '../types.js';
import { CrossMemory } from './cross_memory.js';
import { CROSS, type CrossAddresses, MEMORY, memoryAddress, writeCross } from './cross_struct.js';

export { compileCross } from './cross_binary.js';
export { crossBytes } from './cross_struct.js';

/** Target duration of a slice, as of the layers of a batch. */
const SLICE_MS = 15;

/** The core, its memory, and what computes in it. */
interface Machine {
  readonly core: CoreExports;
  readonly memory: CoreMemory;
  readonly runner: JobRunner;
}

/** Cross-attention of a model: the memories that its sequences read, and their places in a batch. */
export class CrossAttention implements CrossHost {
  readonly #config: ModelConfig;
  readonly #store: PageStore;
  readonly #machine: () => Machine;
  readonly #addresses: CrossAddresses;
  /** Milliseconds of a layer for each state; infinite until it was measured. */
  #perStateMs = Number.POSITIVE_INFINITY;
  /** Where weights of states are written, and for each run of the latest batch where its own are, or 0. */
  #patterns = { address: 0, bytes: 0, places: [] as number[] };

  /**
   * Writes the structures. `machine` throws `disposed` if there is none any more. Throws `invalid-option` if the core
   * has no cross-attention, since the caller's module is another one.
   */
  constructor(config: ModelConfig, store: PageStore, machine: () => Machine, addresses: CrossAddresses) {
    this.#config = config;
    this.#store = store;
    this.#machine = machine;
    this.#addresses = addresses;
    const { core, memory } = machine();
    if (!('remember' in core)) {
      const message =
        'module has no cross-attention, and the model has; compile cross-simd.wasm or cross-relaxed.wasm';
      throw new Gpt2Error('invalid-option', message);
    }
    writeCross(new DataView(memory.memory.buffer), config, addresses);
  }

  memoryOf(states: Float32Array, isKept: boolean): CrossMemory {
    return new CrossMemory(this.#store, states, this.#config.channels, isKept);
  }

  forget(memory: SequenceMemory): void {
    this.#store.pool.forget((memory as CrossMemory).root);
  }

  /**
   * Writes the MEMORY of each run of a batch; returns their addresses, 0 for runs without one. Throws
   * `out-of-memory` if there is no room for weights that are asked for.
   */
  place(runs: readonly RequestRun[]): number[] {
    const bytes = runs.map((run) => this.#patternBytes(run));
    let end = this.#reserve(bytes.reduce((sum, part) => sum + part, 0));
    this.#patterns.places = bytes.map((part) => {
      const place = part === 0 ? 0 : end;
      end += part;
      return place;
    });
    return runs.map(({ request }, index) => {
      const memory = request.sequence.memory as CrossMemory | undefined;
      return memory === undefined ? 0 : this.#write(memory, index, this.#patterns.places[index]!);
    });
  }

  /**
   * Computes the keys and values that memories of a placed batch's runs still lack, in slices between which the event
   * loop runs. Returns false if `isWanted` does before all is computed.
   */
  async remember(runs: readonly RequestRun[], isWanted: () => boolean): Promise<boolean> {
    for (const [index, { request }] of runs.entries()) {
      const memory = request.sequence.memory as CrossMemory | undefined;
      while (memory?.isRead && memory.missing > 0) {
        if (!(await this.#rememberRows(memory, index, isWanted))) return false;
      }
    }
    return true;
  }

  /** Computes keys and values of up to BATCH_ROWS states of the memory of run `index`. */
  async #rememberRows(memory: CrossMemory, index: number, isWanted: () => boolean): Promise<boolean> {
    const { channels, layers } = this.#config;
    const { cross: address, x } = this.#addresses;
    const start = memory.count - memory.missing;
    const rows = Math.min(BATCH_ROWS, memory.missing);
    const { memory: core } = this.#machine();
    for (let row = 0; row < rows; row++) {
      core.f32(x + 4 * padded(channels) * row, channels).set(memory.state(start + row));
    }
    const pages = memoryAddress(this.#config, address, index) + structBytes(MEMORY);
    for (let firstLayer = 0; firstLayer < layers; ) {
      const { runner } = this.#machine();
      const most = Math.max(1, Math.floor(SLICE_MS / (this.#perStateMs * rows)));
      const endLayer = Math.min(layers, firstLayer + most);
      const view = new DataView(core.memory.buffer);
      writeStruct(view, address, CROSS, { pages, start, rows, firstLayer, endLayer });
      const began = now();
      await runner.run({ kind: 'remember' });
      let blockedMs = now() - began;
      this.#perStateMs = blockedMs / ((endLayer - firstLayer) * rows);
      firstLayer = endLayer;
      // A turn for each millisecond that it had to wait, as between the slices of a batch.
      do await nextTask();
      while (--blockedMs > 0);
      if (!isWanted()) return false;
      // Its last reader was released.
      if (!memory.isRead) return true;
    }
    memory.commit(rows);
    return true;
  }

  /** Passes the weights of the states of a wanted row on, if somebody asks for them. `number`: that of the run. */
  report({ request, start, count, wanted }: RequestRun, number: number, index: number): void {
    const { attended } = request.evaluation.inputs ?? {};
    const place = this.#patterns.places[number];
    if (!place || request.isOver || attended === undefined) return;
    const { layers, heads } = this.#config;
    const { count: states } = request.sequence.memory!;
    const stride = paddedStates(states);
    const parts = layers * heads;
    const row = index - (start + count - wanted);
    const from = this.#machine().memory.f32(place + 4 * row * parts * stride, parts * stride);
    const weights = new Float32Array(parts * states);
    for (let part = 0; part < parts; part++) {
      weights.set(from.subarray(part * stride, part * stride + states), part * states);
    }
    attended(index, weights);
  }

  /** Writes MEMORY number `index` and its pages. Returns its address. */
  #write({ addresses, count: states }: CrossMemory, index: number, patterns: number): number {
    const { memory } = this.#machine();
    const address = memoryAddress(this.#config, this.#addresses.cross, index);
    const pages = address + structBytes(MEMORY);
    memory.i32(pages, addresses.length).set(addresses);
    writeStruct(new DataView(memory.memory.buffer), address, MEMORY, { pages, states, patterns });
    return address;
  }

  /** Bytes of the weights that a run writes, none if nobody asks for them. */
  #patternBytes({ request, wanted }: RequestRun): number {
    const memory = request.sequence.memory as CrossMemory | undefined;
    if (memory === undefined || request.evaluation.inputs?.attended === undefined) return 0;
    const { layers, heads } = this.#config;
    return 4 * wanted * layers * heads * paddedStates(memory.count);
  }

  /** Room for the weights of a batch. Throws `out-of-memory`. */
  #reserve(bytes: number): number {
    if (bytes > this.#patterns.bytes) {
      // Regions are never freed, so that one which grows must become much larger.
      const larger = Math.max(bytes, 2 * this.#patterns.bytes);
      const { memory } = this.#machine();
      try {
        this.#patterns = { address: memory.reserve(larger), bytes: larger, places: [] };
      } catch (cause) {
        const message =
          'there is no room for the weights of cross-attention; ask for those of fewer tokens at once';
        throw new Gpt2Error('out-of-memory', message, { cause });
      }
    }
    return this.#patterns.address;
  }
}

/** Numbers from one head's weights to the next: whole pages are written. */
const paddedStates = (states: number) => Math.ceil(states / PAGE) * PAGE;
