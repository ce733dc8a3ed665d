import { isOff } from '../../architecture/gpt2/config_values.js';
import type { Checkpoint } from '../checkpoint.js';
import { CONFIG_FILE } from './file_names.js';

/** Fields of config.json that are read here, or that transformers reads for other purposes, in groups. */
const KNOWN_FIELDS = new Set(
  [
    // the sizes and switches of parseConfig
    'model_type architectures vocab_size n_positions max_position_embeddings n_ctx n_embd hidden_size n_layer',
    'num_hidden_layers n_head num_attention_heads n_inner activation_function layer_norm_epsilon scale_attn_weights',
    'scale_attn_by_inverse_layer_idx reorder_and_upcast_attn tie_word_embeddings auto_map is_causal layer_types',
    'add_cross_attention',
    // of GPTBigCode: the first is read, the others concern how transformers computes the same
    'multi_query attention_softmax_in_fp32 scale_attention_softmax_in_fp32 inference_runner validate_runner_input',
    'pre_allocate_kv_cache max_sequence_length max_batch_size pad_key_length',
    // training and heads of other tasks
    'attn_pdrop embd_pdrop resid_pdrop initializer_range summary_activation summary_first_dropout',
    'summary_proj_to_labels summary_type summary_use_proj id2label label2id num_labels problem_type finetuning_task',
    'task_specific_params gradient_checkpointing return_dict return_dict_in_generate',
    // reports, number formats and other frameworks
    'output_attentions output_hidden_states output_scores output_past use_cache torchscript torch_dtype dtype',
    'use_bfloat16 tf_legacy_loss attn_implementation chunk_size_feed_forward transformers_version tokenizer_class',
    'name_or_path is_decoder tie_encoder_decoder predict_special_tokens n_special',
    // tokens, and defaults of text generation that older versions kept here
    'bos_token_id eos_token_id pad_token_id sep_token_id decoder_start_token_id prefix max_length min_length',
    'do_sample early_stopping num_beams num_beam_groups diversity_penalty temperature top_k top_p typical_p',
    'repetition_penalty length_penalty no_repeat_ngram_size encoder_no_repeat_ngram_size bad_words_ids',
    'num_return_sequences forced_bos_token_id forced_eos_token_id remove_invalid_values',
    'exponential_decay_length_penalty suppress_tokens begin_suppress_tokens max_new_tokens',
  ].flatMap((line) => line.split(' ')),
);

/** Fields that are often written by mistake, and the fields that are read in their place. */
const MEANT_FIELDS: ReadonlyMap<string, string> = new Map([
  ['layer_norm_eps', 'layer_norm_epsilon'],
  ['hidden_act', 'activation_function'],
  ['num_layers', 'n_layer'],
  ['intermediate_size', 'n_inner'],
  ['scale_attn_by_layer_idx', 'scale_attn_by_inverse_layer_idx'],
]);

/**
 * Notes on the fields of a checkpoint's config.json that are ignored although they are not off: transformers'
 * GPT2Config ignores them too.
 */
export function configNotes({ json, source }: Pick<Checkpoint, 'json' | 'source'>): string[] {
  const ignored = Object.entries(json.config ?? {})
    .filter(([name, value]) => !KNOWN_FIELDS.has(name) && !name.startsWith('_') && !isOff(value))
    .map(([name]) => (MEANT_FIELDS.has(name) ? `${name} (${MEANT_FIELDS.get(name)} counts)` : name));
  if (ignored.length === 0) return [];
  return [`${CONFIG_FILE} of ${source.name}: ignored, as transformers' GPT-2 does: ${ignored.join(', ')}`];
}
