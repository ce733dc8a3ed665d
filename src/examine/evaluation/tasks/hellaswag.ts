import type { TaskConfig } from '../config/task_config.js';

/** How a described situation goes on: four endings, three of them by a machine (Zellers et al. 2019). */
export const hellaswag: TaskConfig = {
  task: 'hellaswag',
  dataset_path: 'Rowan/hellaswag',
  dataset_name: 'default',
  training_split: 'train',
  validation_split: 'validation',
  output_type: 'multiple_choice',
  process_docs: { function: 'hellaswag.process_docs' },
  doc_to_text: '{{query}}',
  doc_to_target: '{{label}}',
  doc_to_choice: 'choices',
  metric_list: [
    { metric: 'acc', aggregation: 'mean', higher_is_better: true },
    { metric: 'acc_norm', aggregation: 'mean', higher_is_better: true },
  ],
  metadata: { version: 1 },
};
