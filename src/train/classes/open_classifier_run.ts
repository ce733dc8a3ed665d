import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { checkNumber } from '../../base/check_number.js';
import { Gpt2Error } from '../../base/errors.js';
import type { ConfigFiles } from '../../checkpoints/checkpoint.js';
import { loadWeights } from '../../checkpoints/load_weights.js';
import { byteLengthOf } from '../../checkpoints/match.js';
import { openCheckpoint, weightFiles } from '../../checkpoints/open_checkpoint.js';
import { withModel } from '../../checkpoints/registry.js';
import { inContext, type TrainingShape } from '../../core/training/shape.js';
import type { TrainCore } from '../../core/training/train_core.js';
import { tokenizerOrReason } from '../../model/tokenizer_or_reason.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { batchesFrom } from '../data/example_batches.js';
import { exampleIdentity } from '../data/example_options.js';
import { readersOf } from '../data/examples.js';
import { fillNormal } from '../initialize.js';
import type { LoopRun } from '../loop_run.js';
import { checkMemory } from '../memory_check.js';
import { startRun } from '../start_run.js';
import { openStates } from '../state/resume.js';
import { classRows } from './class_rows.js';
import {
  type ClassifierTrainerOptions,
  type LabelledText,
  type ResolvedClassifierOptions,
  resolveClassifierOptions,
} from './classifier_options.js';

/** A run of a classifier. */
export interface ClassifierRun extends LoopRun {
  readonly options: ResolvedClassifierOptions;
  /** Configuration of the model, whose head gives classes. */
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer | undefined;
  readonly padTokenId: number;
  readonly configFiles: ConfigFiles;
  readonly held: () => AsyncIterable<LabelledText> | undefined;
}

const DEFAULT_LENGTH = 256;
/** Standard deviation of a new head, as transformers has it. */
const DEVIATION = 0.02;

/** Opens model and data, and creates the core. Throws as `ClassifierTrainer.create` does. */
export async function openClassifierRun(given: ClassifierTrainerOptions): Promise<ClassifierRun> {
  const options = resolveClassifierOptions(given);
  const { model, labels, signal, batchSize, recompute, lora, optimizer, seed } = options;
  const states = await openStates(options);
  return withModel(model, options, async (files) => {
    const opened = await openCheckpoint(files, signal);
    const found = options.tokenizer ?? (await tokenizerOrReason(opened, signal));
    const tokenizer = found instanceof Gpt2Error ? undefined : found;
    const { config: base, json: configFiles } = opened;
    const config: ModelConfig = { ...base, tiedHead: false, classes: labels.length };
    const tensors = new Map([...opened.tensors].filter(([name]) => name !== 'lm_head.weight'));
    const stored = { ...opened, tensors, totalBytes: byteLengthOf(tensors), storedHead: undefined };
    const length = options.contextLength ?? Math.min(DEFAULT_LENGTH, base.contextLength);
    checkNumber('contextLength', length, inContext(base.contextLength));
    const shape: TrainingShape = { batch: batchSize, length, recompute, lora, optimizer };
    checkMemory(config, shape, options);
    const padTokenId = padOf(configFiles, base);
    const { training, held } = readersOf(options);
    const rows = classRows({
      ...{ rows: batchSize, length, labels, padTokenId, vocabSize: base.vocabSize, tokenizer },
    });
    const run = await startRun({
      ...{ options, config, shape, ...states },
      identity: { ...exampleIdentity(options), data: training.length, length, config, labels },
      async load(core) {
        await files.download?.(weightFiles(stored), { signal });
        await loadWeights(stored, core.loader('weights'), { signal });
        initializeHead(core, seed);
      },
      batches: batchesFrom(training, held, rows),
    });
    return { ...run, config, tokenizer, padTokenId, configFiles, held };
  });
}

function initializeHead(core: TrainCore, seed: number): void {
  const head = core.parameters.find(({ name }) => name === 'lm_head.weight')!;
  const values = new Float32Array(head.shape[0]! * head.shape[1]!);
  fillNormal(values, [seed, core.parameters.indexOf(head)], 0, DEVIATION);
  core.write('weights', head, values);
}

/** The token that fills texts up: that of config.json, else the one that ends a text, else the first. */
function padOf({ config }: ConfigFiles, { eosTokenIds, vocabSize }: ModelConfig): number {
  const pad = config?.pad_token_id;
  const isToken = Number.isInteger(pad) && (pad as number) >= 0 && (pad as number) < vocabSize;
  return isToken ? (pad as number) : (eosTokenIds[0] ?? 0);
}
