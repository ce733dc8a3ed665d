import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { modelToWrite, writeModelFiles } from '../../checkpoints/huggingface/write_checkpoint.js';
import type { JsonObject } from '../../files/json_object.js';
import type { ModelTarget } from '../../files/target.js';
import type { TrainedWeights } from '../trained_weights.js';
import type { HeadedModel } from './headed_model.js';

/**
 * Writes a trained model as GPT2ForSequenceClassification, with further fields of config.json; an adapter is added to the
 * weights.
 */
export async function writeClassifier(
  target: ModelTarget,
  { tokenizer, configFiles: kept, padTokenId, config }: HeadedModel,
  weights: TrainedWeights,
  labels: readonly string[],
  fields: JsonObject,
): Promise<void> {
  const weight = (parameter: Parameter) => weights.mergedRows(parameter);
  const tensors = modelToWrite({ config, weight }).map((tensor) =>
    tensor.name === 'lm_head.weight' ? { ...tensor, name: 'score.weight' } : tensor,
  );
  const { classes: _, ...base } = config;
  await writeModelFiles(target, { config: base, tokenizer, kept, weight }, tensors, undefined, {
    architectures: ['GPT2ForSequenceClassification'],
    tie_word_embeddings: true,
    ...fields,
    id2label: Object.fromEntries(labels.map((label, i) => [i, label])),
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
    pad_token_id: padTokenId,
  });
}
