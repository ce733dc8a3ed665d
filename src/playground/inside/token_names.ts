import { hexadecimal, visibleBytes } from '../../base/visible_text.js';
import { runOperation } from '../../examine/run_operation.js';
import type { WorkerModel } from '../../worker/worker_model.js';

/** How tokens are shown: their spaces and line breaks visible, and in bytes if they are no whole characters. */
export class TokenNames {
  readonly #model: WorkerModel;
  readonly #bytes = new Map<number, Uint8Array>();

  constructor(model: WorkerModel) {
    this.#model = model;
  }

  /** Asks the model's tokenizer for the tokens that are not known yet. */
  async learn(ids: Iterable<number>): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => !this.#bytes.has(id));
    if (unknown.length === 0) return;
    const bytes = await runOperation(this.#model, 'tokenBytes', { ids: unknown }, {});
    for (const [i, id] of unknown.entries()) this.#bytes.set(id, bytes[i]!);
  }

  /** The name of a token that was learned. */
  nameOf(id: number): string {
    return visibleBytes(this.#bytesOf(id)) || '\u2205';
  }

  /** The name in quotation marks. */
  quoted(id: number): string {
    return `\u201C${this.nameOf(id)}\u201D`;
  }

  /** The bytes of a token in hexadecimal. */
  hexadecimal(id: number): string {
    return hexadecimal(this.#bytesOf(id));
  }

  #bytesOf(id: number): Uint8Array {
    return this.#bytes.get(id) ?? new Uint8Array(0);
  }
}
