import type { GroupConfig, TaskConfig } from '../config/task_config.js';

const common = {
  test_split: 'test',
  output_type: 'loglikelihood',
  doc_to_text: "{{text.split(' ')[:-1]|join(' ')}}",
  doc_to_target: "{{' '+text.split(' ')[-1]}}",
  metric_list: [
    { metric: 'perplexity', aggregation: 'perplexity', higher_is_better: false },
    { metric: 'acc', aggregation: 'mean', higher_is_better: true },
  ],
  metadata: { version: 1 },
} as const;

/** The last word of a passage (Paperno et al. 2016), in the texts that OpenAI published for GPT-2. */
export const lambadaOpenai: TaskConfig = {
  task: 'lambada_openai',
  dataset_path: 'EleutherAI/lambada_openai',
  dataset_name: 'default',
  ...common,
};

/** The same in the texts of the original, which are in lower case and tokenized. */
export const lambadaStandard: TaskConfig = {
  task: 'lambada_standard',
  dataset_path: 'cimec/lambada',
  dataset_name: 'plain_text',
  ...common,
};

export const lambada: GroupConfig = { group: 'lambada', task: [lambadaOpenai] };
