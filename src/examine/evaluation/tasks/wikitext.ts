import type { TaskConfig } from '../config/task_config.js';

/** WikiText-2 by whole articles (Merity et al. 2016), detokenized; words and bytes are those of the stored text. */
export const wikitext: TaskConfig = {
  task: 'wikitext',
  dataset_path: 'EleutherAI/wikitext_document_level',
  dataset_name: 'wikitext-2-raw-v1',
  training_split: 'train',
  validation_split: 'validation',
  test_split: 'test',
  output_type: 'loglikelihood_rolling',
  doc_to_text: '',
  doc_to_target: { function: 'preprocess_wikitext.wikitext_detokenizer' },
  process_results: { function: 'preprocess_wikitext.process_results' },
  metric_list: [
    { metric: 'word_perplexity', aggregation: 'weighted_perplexity', higher_is_better: false },
    { metric: 'byte_perplexity', aggregation: 'weighted_perplexity', higher_is_better: false },
    { metric: 'bits_per_byte', aggregation: 'bits_per_byte', higher_is_better: false },
  ],
  metadata: { version: 2 },
};
