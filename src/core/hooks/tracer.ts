import { PAGE, padded } from '../../../assembly/abi.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { Gpt2Error } from '../../base/errors.js';
import type { JobRunner } from '../abi/job.js';
import { LAYER, MODEL } from '../abi/model_struct.js';
import { readStruct, structBytes } from '../abi/struct.js';
import { BATCH_ROWS } from '../layout.js';
import type { CoreMemory } from '../memory.js';
import { reserveMemory } from '../reserve.js';
import type { AdapterHost } from '../types.js';
import { linkTracing, type TraceExports } from './trace_binary.js';

/** Bytes of a row of n numbers. */
export const rowBytes = (n: number): number => 4 * padded(n);

/** The parts of a model's forward pass, and the places in its memory that they read and write. */
export class Tracer {
  readonly config: ModelConfig;
  readonly parts: TraceExports;
  /** Addresses of the model, its batch and the logits. */
  readonly place: AdapterHost['place'];
  /** The fields of the model. */
  readonly model: Readonly<Record<keyof typeof MODEL, number>>;
  /** Room for BATCH_ROWS rows of C numbers: outputs of a matrix, and a copy of rows. */
  readonly outputs: number;
  readonly copies: number;
  /** C zeros, and C numbers. */
  readonly zeros: number;
  readonly vector: number;
  /** Room for the scores of one query. */
  readonly keys: number;
  readonly #host: AdapterHost;

  private constructor(host: AdapterHost, parts: TraceExports) {
    const { channels, contextLength } = host.config;
    this.config = host.config;
    this.parts = parts;
    this.place = host.place;
    this.#host = host;
    this.model = readStruct(this.view, host.place.model, MODEL);
    const rows = BATCH_ROWS * rowBytes(channels);
    // A page of scores is written at once.
    const keys = rowBytes(contextLength) + 4 * PAGE;
    this.outputs = reserveMemory(host, 2 * rows + 2 * rowBytes(channels) + keys, 'what a trace computes');
    this.copies = this.outputs + rows;
    this.zeros = this.copies + rows;
    this.vector = this.zeros + rowBytes(channels);
    this.keys = this.vector + rowBytes(channels);
  }

  static readonly #made = new WeakMap<AdapterHost, Promise<Tracer>>();

  /** The tracer of a loaded model, linked by the first call. Throws as `linkTracing` does, and `out-of-memory`. */
  static async of(host: AdapterHost, module?: unknown): Promise<Tracer> {
    const made = Tracer.#made.get(host);
    if (made) return made;
    if (host.config.crossAttention) {
      throw new Gpt2Error('unsupported', 'a model with cross-attention is neither traced nor edited');
    }
    const making = linkTracing(host.build, host.memory.memory, module).then(
      (parts) => new Tracer(host, parts),
    );
    Tracer.#made.set(host, making);
    making.catch(() => Tracer.#made.delete(host));
    return making;
  }

  /** Computes jobs without hooks, on all threads. */
  get plain(): JobRunner {
    return this.#host.runner;
  }

  /** Throws `disposed`. */
  get memory(): CoreMemory {
    return this.#host.memory;
  }

  get view(): DataView {
    return new DataView(this.memory.memory.buffer);
  }

  /** The fields of a layer. */
  layer(index: number): Readonly<Record<keyof typeof LAYER, number>> {
    return readStruct(this.view, this.model.layerArray + index * structBytes(LAYER), LAYER);
  }
}
