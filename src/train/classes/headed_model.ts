import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { Gpt2Error } from '../../base/errors.js';
import type { ConfigFiles } from '../../checkpoints/checkpoint.js';
import { loadWeights } from '../../checkpoints/load_weights.js';
import { byteLengthOf } from '../../checkpoints/match.js';
import { openCheckpoint, weightFiles } from '../../checkpoints/open_checkpoint.js';
import type { TrainCore } from '../../core/training/train_core.js';
import type { ModelSource } from '../../files/source.js';
import { tokenizerOrReason } from '../../model/tokenizer_or_reason.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { fillNormal } from '../initialize.js';

/** A GPT-2 with a new head for sequence classification. */
export interface HeadedModel {
  /** Configuration of the model, whose head gives classes. */
  readonly config: ModelConfig;
  /** The tokenizer of the options or the model, if there is one. */
  readonly tokenizer: Tokenizer | undefined;
  /** Fills texts up; a text is judged at its last other token. */
  readonly padTokenId: number;
  readonly configFiles: ConfigFiles;
  /** Loads the weights into the core, and draws those of the head. */
  load(core: TrainCore): Promise<void>;
}

/** Standard deviation of a new head, as transformers has it. */
const DEVIATION = 0.02;

/** Opens the model that a run starts from, whose weights are loaded later. */
export async function openHeadedModel(
  files: ModelSource,
  options: {
    readonly tokenizer?: Tokenizer | undefined;
    readonly seed: number;
    readonly signal?: AbortSignal | undefined;
  },
  classes: number,
): Promise<HeadedModel> {
  const { signal, seed } = options;
  const opened = await openCheckpoint(files, signal);
  const found = options.tokenizer ?? (await tokenizerOrReason(opened, signal));
  const { config: base, json: configFiles } = opened;
  const tensors = new Map([...opened.tensors].filter(([name]) => name !== 'lm_head.weight'));
  const stored = { ...opened, tensors, totalBytes: byteLengthOf(tensors), storedHead: undefined };
  return {
    config: { ...base, tiedHead: false, classes },
    tokenizer: found instanceof Gpt2Error ? undefined : found,
    padTokenId: padOf(configFiles, base),
    configFiles,
    async load(core) {
      await files.download?.(weightFiles(stored), { signal });
      await loadWeights(stored, core.loader('weights'), { signal });
      initializeHead(core, seed);
    },
  };
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
