import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { withinMemory } from '../../base/memory_error.js';
import { MemoryTarget } from '../../files/memory_target.js';
import type { ModelTarget } from '../../files/target.js';
import { targetOf } from '../../files/target_of.js';
import { loadModel } from '../../model/load_model.js';
import type { Model } from '../../model/model.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { TrainingLoop } from '../training_loop.js';
import { type ClassMeasures, classMeasures } from './class_measures.js';
import type { ClassifierTrainerOptions } from './classifier_options.js';
import { type ClassifierRun, openClassifierRun } from './open_classifier_run.js';
import { writeClassifier } from './write_classifier.js';

/**
 * Trains a head for sequence classification (GPT2ForSequenceClassification) with a GPT-2: all weights or, with `lora`, an
 * adapter and the head. The loss is the cross-entropy of the class at a text's last token. `for await (const step of
 * trainer)` computes one step of AdamW after the other, as `Trainer` does. The steps are a function of model, data and
 * options alone, also over interruptions.
 */
export class ClassifierTrainer extends TrainingLoop {
  /** Configuration of the model. */
  readonly config: ModelConfig;
  /** The names of the classes, in the order of the head's rows. */
  readonly labels: readonly string[];
  /** The tokenizer of the texts, if there is one. */
  readonly tokenizer: Tokenizer | undefined;
  readonly #run: ClassifierRun;

  private constructor(run: ClassifierRun) {
    super(run);
    this.#run = run;
    this.config = run.model.config;
    this.labels = run.options.labels;
    this.tokenizer = run.model.tokenizer;
  }

  /**
   * Opens the model and, with `resume`, reads the newest training state. Throws `out-of-memory` with an estimate before
   * anything large is read, `invalid-option`, and as `loadModel` does.
   */
  static async create(options: ClassifierTrainerOptions): Promise<ClassifierTrainer> {
    return new ClassifierTrainer(await withinMemory(openClassifierRun(options)));
  }

  /**
   * Writes the model in Hugging Face's format, as GPT2ForSequenceClassification with its labels; an adapter is added to
   * the weights. `loadModel` and transformers open it. `target` is the path of a folder, or a target of your own. Throws
   * `storage`, and `runtime` if the run has diverged and no best weights are kept.
   */
  async save(target: string | ModelTarget): Promise<void> {
    const problem = { problem_type: 'single_label_classification' };
    await writeClassifier(targetOf(target), this.#run.model, await this.weights(), this.labels, problem);
  }

  /** The model that `save` would write, ready to classify; it has its own memory until it is disposed. */
  async model(): Promise<Model> {
    const target = new MemoryTarget();
    await this.save(target);
    return loadModel(target.files, { build: this.#run.core.build, threads: 1 });
  }

  /** Accuracy and F1 of the held-out texts; undefined without any. Throws as `model`, and `aborted`. */
  async measures(): Promise<ClassMeasures | undefined> {
    const held = this.#run.held();
    if (held === undefined) return undefined;
    const model = await this.model();
    try {
      const pairs: [string, string][] = [];
      for await (const { text, ids, label } of held) {
        const { signal } = this.#run.options;
        const said = await model.classify(text ?? ids!, { ...(signal && { signal }) });
        pairs.push([label, said.label]);
      }
      return classMeasures(this.labels, pairs);
    } finally {
      model.dispose();
    }
  }

  /** The name of the class. */
  get [Symbol.toStringTag](): string {
    return 'ClassifierTrainer';
  }
}
