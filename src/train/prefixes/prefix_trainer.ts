import type { MapperConfig } from '../../architecture/clipcap/config.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { withinMemory } from '../../base/memory_error.js';
import {
  writeMapper,
  writeMapperAndAdapter,
  writeMapperAndModel,
} from '../../checkpoints/clipcap/write_mapper.js';
import { MemoryTarget } from '../../files/memory_target.js';
import type { ModelTarget } from '../../files/target.js';
import { targetOf } from '../../files/target_of.js';
import { loadMapper } from '../../model/load_prefixes.js';
import { Model } from '../../model/model.js';
import type { Mapper } from '../../model/prefixes/mapper.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { TrainingLoop } from '../training_loop.js';
import { openPrefixRun, type PrefixRun } from './open_prefix_run.js';
import type { PrefixTrainerOptions } from './prefix_options.js';

/**
 * Trains a mapper of ClipCap (Mokady et al. 2021), which makes vectors before a text from the features of an image, a
 * sound or anything else, so that GPT-2 continues them with the text of an example: alone, together with GPT-2's
 * weights, or with an adapter. The loss is that of the text's tokens and of the end-of-text token after them. `for await
 * (const step of trainer)` computes one step of AdamW after the other, as `Trainer` does. The steps are a function of
 * model, mapper, data and options alone, also over interruptions: a resumed run ends with the same bits as one that was
 * never stopped.
 */
export class PrefixTrainer extends TrainingLoop {
  /** Configuration of GPT-2. */
  readonly config: ModelConfig;
  /** Configuration of the trained mapper. */
  readonly mapperConfig: MapperConfig;
  /** The tokenizer of the texts, if there is one. */
  readonly tokenizer: Tokenizer | undefined;
  /** Differences between the model's config and the tokenizer, and how the run resolves them. */
  readonly notes: readonly string[];
  readonly #run: PrefixRun;

  private constructor(run: PrefixRun) {
    super(run);
    this.#run = run;
    this.config = run.config;
    this.mapperConfig = run.mapper;
    this.tokenizer = run.tokenizer;
    this.notes = run.notes;
  }

  /**
   * Opens the model and the mapper and, with `resume`, reads the newest training state. Throws `out-of-memory` with an
   * estimate before anything large is read, `invalid-option`, and as `loadModel` and `loadMapper` do.
   */
  static async create(options: PrefixTrainerOptions): Promise<PrefixTrainer> {
    return new PrefixTrainer(await withinMemory(openPrefixRun(options)));
  }

  /**
   * Writes the mapper with the names of ClipCap's files (model.safetensors), which `loadMapper` opens; beside it, with
   * `lora`, the adapter in PEFT's format. With `trainModel`, GPT-2 is in the same file, as ClipCap has it, with its
   * config.json and the tokenizer: `loadModel` and `loadMapper` open the same folder. The best weights are written if
   * `patience` keeps them, else those after the latest step. `target` is the path of a folder, or a target of your own.
   * Throws `storage`, and `runtime` if the run has diverged and no best weights are kept.
   */
  async save(target: string | ModelTarget): Promise<void> {
    const weights = await this.weights();
    const place = targetOf(target);
    const { options, config, tokenizer, configFiles: kept } = this.#run;
    const weight = (parameter: Parameter) => weights.rows(parameter);
    const mapper = { config: this.mapperConfig, weight };
    const adapter = weights.adapter();
    if (adapter !== undefined) {
      const base = typeof options.model === 'string' ? options.model : null;
      return writeMapperAndAdapter(place, mapper, adapter, base);
    }
    if (!options.trainModel) return writeMapper(place, mapper);
    return writeMapperAndModel(place, mapper, { config, tokenizer, kept, weight });
  }

  /** The mapper that `save` would write, ready to map features; it has its own memory. Throws `runtime` as `save` does. */
  async mapper(): Promise<Mapper> {
    const weights = await this.weights();
    const target = new MemoryTarget();
    const config = this.mapperConfig;
    await writeMapper(target, { config, weight: (parameter) => weights.rows(parameter) });
    const heads = config.kind === 'transformer' ? config.heads : undefined;
    return loadMapper(target.files, { model: this, heads, build: this.#run.core.build });
  }

  /**
   * GPT-2 as it is now, an adapter included, ready to continue the vectors of the mapper; it has its own memory until it
   * is disposed. Throws `runtime` as `save` does.
   */
  async model(): Promise<Model> {
    const weights = await this.weights();
    return new Model(await weights.generatingCore(), this.#run.textOrIds);
  }

  /** The name of the class. */
  get [Symbol.toStringTag](): string {
    return 'PrefixTrainer';
  }
}
