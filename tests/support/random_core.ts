import type { ModelConfig } from '../../src/architecture/gpt2/config.js';
import { modelParameters } from '../../src/architecture/gpt2/parameters.js';
import { writeCheckpoint } from '../../src/checkpoints/huggingface/write_checkpoint.js';
import { loadWeights } from '../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../src/checkpoints/open_checkpoint.js';
import { pageBytes } from '../../src/core/layout.js';
import { stagingBytes } from '../../src/core/packing/packer.js';
import { planThreads } from '../../src/core/threads/plan.js';
import { WasmCore } from '../../src/core/wasm_core.js';
import { chooseKvFormat, type KvFormat } from '../../src/dtypes/kv_formats.js';
import type { WeightFormat } from '../../src/dtypes/weight_formats.js';
import { loadTokenizer } from '../../src/model/load_model.js';
import { memoryTarget } from './memory_target.js';
import { randomSource } from './random.js';
import { SMALL_CONFIG } from './small_model.js';
import { memorySource } from './sources.js';
import { storiesTiny } from './stories_tiny.js';

const tokenizer = await loadTokenizer(storiesTiny);

interface CoreSettings {
  readonly config?: Partial<ModelConfig>;
  readonly weights?: WeightFormat;
  readonly kvCache?: KvFormat;
  readonly threads?: number;
  /** How many pages there are, or a few more; default: as many as are needed. */
  readonly pages?: number | undefined;
  /** Reserves all memory that the test will reserve beside pages. */
  readonly beside?: (core: WasmCore) => unknown;
}

/** The files of a small model with random weights. */
export async function randomFiles(
  change: Partial<ModelConfig> = {},
  seed = 9,
): Promise<Record<string, Uint8Array>> {
  const target = memoryTarget();
  const random = randomSource(seed);
  const config: ModelConfig = { ...SMALL_CONFIG, ...change };
  await writeCheckpoint(target, {
    config,
    tokenizer,
    weight({ shape }) {
      const length = shape.reduce((product, size) => product * size);
      return [Float32Array.from({ length }, () => random.uniform() - 0.5)];
    },
  });
  return target.files;
}

/** A small model with random weights. */
export async function randomModel(change: Partial<ModelConfig> = {}) {
  return memorySource('random', await randomFiles(change));
}

/** A core of the simd build with such a model. */
export async function randomCore(settings: CoreSettings = {}): Promise<WasmCore> {
  const { weights = 'f32', threads = 1, pages, beside } = settings;
  const kvCache = chooseKvFormat(settings.kvCache ?? 'auto', weights);
  const checkpoint = await openCheckpoint(await randomModel(settings.config));
  const { config } = checkpoint;
  const create = (maxMemory?: number) =>
    WasmCore.create({
      ...{ config, build: 'simd', weights, kvCache, maxMemory },
      threads: planThreads(threads, 0),
    });
  let core = await create();
  if (pages !== undefined) {
    // The first pages, where weights are staged while they are loaded, are the last region.
    const bytes = pageBytes(config, kvCache);
    const first = Math.max(bytes, stagingBytes(modelParameters(config)));
    // Pages begin at multiples of 64.
    await beside?.(core);
    const most = core.memory.end - first + (first % bytes) + pages * bytes + 64;
    core = await create(Math.max(most, core.memoryBytes));
  }
  await core.startThreads();
  await loadWeights(checkpoint, core.loader);
  return core;
}
