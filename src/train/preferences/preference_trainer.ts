import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { withinMemory } from '../../base/memory_error.js';
import { writeCheckpoint } from '../../checkpoints/huggingface/write_checkpoint.js';
import { writeAdapter } from '../../checkpoints/peft/write_adapter.js';
import type { ModelTarget } from '../../files/target.js';
import { targetOf } from '../../files/target_of.js';
import { Model } from '../../model/model.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { openPreferenceRun, type PreferenceRun } from './open_preference_run.js';
import { PreferenceLoop } from './preference_loop.js';
import type { PreferenceTrainerOptions } from './preference_options.js';

/**
 * Trains a model, or an adapter with `lora`, on preferences: answers that are better or worse than others. The losses
 * are DPO, SimPO and KTO. `for await (const step of trainer)` computes one step of AdamW after the other, as `Trainer`
 * does. The steps are a function of model, data and options alone, also over interruptions: a resumed run ends with the
 * same bits as one that was never stopped.
 */
export class PreferenceTrainer extends PreferenceLoop {
  /** Configuration of the trained model. */
  readonly config: ModelConfig;
  /** The tokenizer of the texts, if there is one. */
  readonly tokenizer: Tokenizer | undefined;
  /** Differences between config and tokenizer, and texts that were cut or left out: a sentence each. */
  readonly notes: readonly string[];
  readonly #run: PreferenceRun;

  private constructor(run: PreferenceRun) {
    super(run);
    this.#run = run;
    this.config = run.config;
    this.tokenizer = run.tokenizer;
    this.notes = run.notes;
  }

  /**
   * Opens model and data; with `dpo` and `kto`, a new run computes the log-probability of each answer under the model,
   * which later steps compare with, and its training states keep them. With `resume`, reads the newest training state.
   * Throws `out-of-memory` with an estimate before anything large is read, `aborted`, `invalid-option`, and as
   * `loadModel` does.
   */
  static async create(options: PreferenceTrainerOptions): Promise<PreferenceTrainer> {
    return new PreferenceTrainer(await withinMemory(openPreferenceRun(options)));
  }

  /**
   * Writes the model in Hugging Face's format or, with `lora`, the adapter in PEFT's: the best weights if `patience`
   * keeps them, else those after the latest step. `target` is the path of a folder, or a target of your own. Throws
   * `storage`, and `runtime` if the run has diverged and no best weights are kept.
   */
  async save(target: string | ModelTarget): Promise<void> {
    const weights = await this.weights();
    const place = targetOf(target);
    const { options, config, tokenizer, configFiles: kept } = this.#run;
    const { model } = options;
    const adapter = weights.adapter();
    if (adapter !== undefined) return writeAdapter(place, adapter, typeof model === 'string' ? model : null);
    const weight = (parameter: Parameters<typeof weights.rows>[0]) => weights.rows(parameter);
    return writeCheckpoint(place, { config, tokenizer, kept, weight });
  }

  /**
   * The model that `save` would write, an adapter included, ready to generate; it has its own memory until it is
   * disposed. Throws `runtime` as `save` does.
   */
  async model(): Promise<Model> {
    const weights = await this.weights();
    return new Model(await weights.generatingCore(), this.#run.textOrIds);
  }

  /** The name of the class. */
  get [Symbol.toStringTag](): string {
    return 'PreferenceTrainer';
  }
}
