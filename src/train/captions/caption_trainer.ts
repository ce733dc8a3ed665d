import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { withinMemory } from '../../base/memory_error.js';
import { writeAdapterOf } from '../../checkpoints/peft/write_adapter.js';
import { adaptedCaptioner } from '../../checkpoints/vision/adapted_captioner.js';
import type { CaptionerConfig } from '../../checkpoints/vision/config.js';
import { writeCaptioner } from '../../checkpoints/vision/write_captioner.js';
import { MemoryTarget } from '../../files/memory_target.js';
import type { ModelTarget } from '../../files/target.js';
import { targetOf } from '../../files/target_of.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { Captioner } from '../../vision/captioner.js';
import type { LoadCaptionerOptions } from '../../vision/captioner_options.js';
import { loadCaptioner } from '../../vision/load_captioner.js';
import { TrainingLoop } from '../training_loop.js';
import type { CaptionTrainerOptions } from './caption_options.js';
import { type CaptionRun, openCaptionRun } from './open_caption_run.js';

/**
 * Trains a model that describes images, its encoder included: `for await (const step of trainer)` computes one step of
 * AdamW after the other, as `Trainer` does for texts. The steps are a function of model, data and options alone, also
 * over interruptions: a resumed run ends with the same bits as one that was never stopped.
 */
export class CaptionTrainer extends TrainingLoop {
  /** Configuration of the trained captioner. */
  readonly config: CaptionerConfig;
  /** The tokenizer of the captions, if there is one. */
  readonly tokenizer: Tokenizer | undefined;
  /** Differences between the decoder's config and the tokenizer, and how the run resolves them. */
  readonly notes: readonly string[];
  readonly #run: CaptionRun;

  private constructor(run: CaptionRun) {
    super(run);
    this.#run = run;
    this.config = run.config;
    this.tokenizer = run.tokenizer;
    this.notes = run.notes;
  }

  /**
   * Opens the model and, with `resume`, reads the newest training state. Throws `out-of-memory` with an estimate before
   * anything large is read, `invalid-option`, and as `loadCaptioner` does.
   */
  static async create(options: CaptionTrainerOptions): Promise<CaptionTrainer> {
    return new CaptionTrainer(await withinMemory(openCaptionRun(options)));
  }

  /**
   * Writes the captioner as a VisionEncoderDecoderModel in Hugging Face's layout, which `loadCaptioner` opens, or, with
   * `lora`, the adapter in PEFT's: the best weights if `patience` keeps them, else those after the latest step.
   * `target` is the path of a folder, or a target of your own. Throws `storage`, and `runtime` if the run has diverged
   * and no best weights are kept.
   */
  async save(target: string | ModelTarget): Promise<void> {
    const weights = await this.weights();
    const place = targetOf(target);
    const { model } = this.#run.options;
    const adapter = weights.adapter();
    if (adapter === undefined) return this.#write(place, (parameter) => weights.rows(parameter));
    const base = typeof model === 'string' ? model : null;
    return writeAdapterOf(place, adapter, base, adaptedCaptioner(this.config));
  }

  /** The captioner that `save` would write, ready to describe images. Throws `runtime` as `save` does. */
  async captioner(options: LoadCaptionerOptions = {}): Promise<Captioner> {
    const weights = await this.weights();
    const target = new MemoryTarget();
    await this.#write(target, (parameter) => weights.mergedRows(parameter));
    return loadCaptioner(target.files, options);
  }

  #write(target: ModelTarget, weight: (parameter: Parameter) => Iterable<Float32Array>): Promise<void> {
    const { config, tokenizer, preprocessor, configFiles: kept } = this.#run;
    return writeCaptioner(target, { config, tokenizer, preprocessor, kept, weight });
  }

  /** The name of the class. */
  get [Symbol.toStringTag](): string {
    return 'CaptionTrainer';
  }
}
