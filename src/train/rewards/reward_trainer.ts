import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { withinMemory } from '../../base/memory_error.js';
import { MemoryTarget } from '../../files/memory_target.js';
import type { ModelTarget } from '../../files/target.js';
import { targetOf } from '../../files/target_of.js';
import { loadModel } from '../../model/load_model.js';
import type { Model } from '../../model/model.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { writeClassifier } from '../classes/write_classifier.js';
import { PreferenceLoop } from '../preferences/preference_loop.js';
import { openRewardRun, type RewardRun } from './open_reward_run.js';
import type { RewardTrainerOptions } from './reward_options.js';

/**
 * Trains a reward model (Ouyang et al. 2022) with a GPT-2: all weights or, with `lora`, an adapter and the head. The loss
 * of a pair is -ln sigmoid(reward of the chosen answer - reward of the rejected one) (Bradley and Terry 1952); a reward
 * is the number of a head for sequence classification with one label, at a text's last token. `for await (const step of
 * trainer)` computes one step of AdamW after the other, as `Trainer` does. The steps are a function of model, data and
 * options alone, also over interruptions.
 */
export class RewardTrainer extends PreferenceLoop {
  /** Configuration of the model. */
  readonly config: ModelConfig;
  /** The tokenizer of the texts, if there is one. */
  readonly tokenizer: Tokenizer | undefined;
  /** Texts that were cut or left out, a sentence each. */
  readonly notes: readonly string[];
  readonly #run: RewardRun;

  private constructor(run: RewardRun) {
    super(run);
    this.#run = run;
    this.config = run.model.config;
    this.tokenizer = run.model.tokenizer;
    this.notes = run.notes;
  }

  /**
   * Opens model and data and, with `resume`, reads the newest training state. Throws `out-of-memory` with an estimate
   * before anything large is read, `invalid-option`, and as `loadModel` does.
   */
  static async create(options: RewardTrainerOptions): Promise<RewardTrainer> {
    return new RewardTrainer(await withinMemory(openRewardRun(options)));
  }

  /**
   * Writes the model in Hugging Face's format, as GPT2ForSequenceClassification with one label; an adapter is added to
   * the weights. `loadModel`, for `reward`, and transformers open it. `target` is the path of a folder, or a target of
   * your own. Throws `storage`, and `runtime` if the run has diverged and no best weights are kept.
   */
  async save(target: string | ModelTarget): Promise<void> {
    await writeClassifier(targetOf(target), this.#run.model, await this.weights(), ['reward'], {});
  }

  /** The model that `save` would write, ready to reward; it has its own memory until it is disposed. */
  async model(): Promise<Model> {
    const target = new MemoryTarget();
    await this.save(target);
    return loadModel(target.files, { build: this.#run.core.build, threads: 1 });
  }

  /** The name of the class. */
  get [Symbol.toStringTag](): string {
    return 'RewardTrainer';
  }
}
