import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { StoredModel } from '../stored_model.js';
import type { StoredTensor } from '../stored_tensor.js';
import { CONFIG_FILE } from './file_names.js';

/** The causal mask that older checkpoints store in every layer; it is the same for all. */
const MASK_BUFFER = /^h\.\d+\.(?:attn|crossattention)\.(?:masked_)?bias$/;
/**
 * Heads of other tasks (classification, question answering, multiple choice, reward) on the last hidden state, and
 * ClipCap's mapper before the model: the language model does not need them.
 */
const TASK_HEAD = /^(?:score|classifier|qa_outputs|multiple_choice_head|v_head|clip_project)\./;

export const EMBEDDING = 'wte.weight';
export const HEAD = 'lm_head.weight';

/**
 * A tensor's name without the prefixes that GPT2LMHeadModel, and ClipCap before it, put before GPT2Model's names;
 * undefined for other models' parts.
 */
export function canonicalName(stored: string): string | undefined {
  const name = stored.replace(/^(?:gpt\.)?(?:transformer\.)?/, '');
  return MASK_BUFFER.test(name) || isTaskHead({ name }) ? undefined : name;
}

/** Whether a tensor is a part of a head that is no part of the language model. */
export const isTaskHead = ({ name }: Pick<StoredTensor, 'name'>) => TASK_HEAD.test(name);

/**
 * How Hugging Face stores a model of this config in the files of `source`. `isHeadAlone`: the head's name
 * holds the embedding too, because safetensors' `save_model` writes only one of two tied tensors, the head.
 */
export function huggingFaceModel(source: string, { layers }: ModelConfig, isHeadAlone: boolean): StoredModel {
  return {
    source,
    layers,
    config: CONFIG_FILE,
    layersField: `n_layer in ${CONFIG_FILE}`,
    untied: 'tie_word_embeddings false',
    layerPrefix: 'h',
    canonicalName,
    nameOf: (name) => (isHeadAlone && name === EMBEDDING ? HEAD : name),
    layoutOf: (parameter) => parameter,
    fits: (stored, parameter) => String(stored) === String(parameter),
  };
}
