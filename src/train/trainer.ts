import type { ModelConfig } from '../architecture/gpt2/config.js';
import { withinMemory } from '../base/memory_error.js';
import { writeCheckpoint } from '../checkpoints/huggingface/write_checkpoint.js';
import { writeAdapter } from '../checkpoints/peft/write_adapter.js';
import type { ModelTarget } from '../files/target.js';
import { targetOf } from '../files/target_of.js';
import { Model } from '../model/model.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { countData, type DataCounts } from './data/token_documents.js';
import { openRun, type Run } from './open_run.js';
import { type DataReport, dataReport } from './report/data_report.js';
import type { TrainerOptions } from './trainer_options.js';
import { TrainingLoop } from './training_loop.js';

/**
 * Trains a model: `for await (const step of trainer)` computes one step of AdamW after the other until the
 * run is done. Leaving the loop stops after a step, and another loop continues from there. The steps are a
 * function of model, data and options alone, also over interruptions: a resumed run ends with the same bits
 * as one that was never stopped.
 */
export class Trainer extends TrainingLoop {
  /** Configuration of the trained model. */
  readonly config: ModelConfig;
  /** The tokenizer that encodes the data and is saved with the model. */
  readonly tokenizer: Tokenizer;
  /**
   * Facts to be shown before the first step, one sentence each: differences between the model's config and the
   * tokenizer, such as the token that ends a text, and how the run resolves them; documents that `deduplicate` left
   * out; held-out documents that are in the training documents too.
   */
  readonly notes: readonly string[];
  readonly #run: Run;

  private constructor(run: Run) {
    super(run);
    this.#run = run;
    this.config = run.core.config;
    this.tokenizer = run.tokenizer;
    this.notes = run.notes;
  }

  /**
   * Reads model, data and, with `resume`, the newest training state. Throws `out-of-memory` with an estimate
   * before anything large is read, `invalid-option`, and as `loadModel` and `readDocuments` do.
   */
  static async create(options: TrainerOptions): Promise<Trainer> {
    return new Trainer(await withinMemory(openRun(options)));
  }

  /** Documents and tokens of the training data and of the held-out data. */
  get data(): {
    /** Data for training. */
    readonly training: DataCounts;
    /** Data that is held out for validation. */
    readonly validation: DataCounts;
    /** Texts that the teachers wrote, which are a part of `training`. */
    readonly written: DataCounts;
  } {
    const { data, distillation } = this.#run;
    return {
      training: countData(data.training),
      validation: countData(data.validation),
      written: countData(distillation?.written),
    };
  }

  /** Account of the data: what was read, left out, held out, cut and repeated. */
  get report(): DataReport {
    const { data, shape, options } = this.#run;
    return dataReport(data, shape, this.steps * options.batchSize * options.accumulation);
  }

  /** @deprecated Use `saveState`. */
  checkpoint(): Promise<void> {
    return this.saveState();
  }

  /** @deprecated Use `deleteStates`. */
  forget(): Promise<void> {
    return this.deleteStates();
  }

  /**
   * Writes the model in Hugging Face's format or, with `lora`, the adapter in PEFT's: the best weights if
   * `patience` keeps them, else those after the latest step. `target` is the path of a folder, or a target
   * of your own. Throws `storage` if it cannot write, and `runtime` if the run has diverged and no best
   * weights are kept.
   */
  async save(target: string | ModelTarget): Promise<void> {
    const weights = await this.weights();
    const place = targetOf(target);
    const { options, configFiles } = this.#run;
    const { model } = options;
    const adapter = weights.adapter();
    if (adapter !== undefined) return writeAdapter(place, adapter, typeof model === 'string' ? model : null);
    return writeCheckpoint(place, {
      config: this.config,
      tokenizer: this.tokenizer,
      kept: configFiles,
      weight: (parameter) => weights.rows(parameter),
    });
  }

  /**
   * The model that `save` would write, an adapter included, ready to generate; it has its own memory until
   * it is disposed. Throws `runtime` as `save` does.
   */
  async model(): Promise<Model> {
    const weights = await this.weights();
    return new Model(await weights.generatingCore(), this.tokenizer);
  }

  /** Ends the threads and gives the memory back, also that of teachers. */
  override dispose(): void {
    super.dispose();
    this.#run.distillation?.dispose();
  }

  /** The name of the class. */
  get [Symbol.toStringTag](): string {
    return 'Trainer';
  }
}
