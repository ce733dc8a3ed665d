import type { TaskConfig } from '../config/task_config.js';

/** Questions of yes or no about a passage (Clark et al. 2019). */
export const boolq: TaskConfig = {
  task: 'boolq',
  dataset_path: 'aps/super_glue',
  dataset_name: 'boolq',
  training_split: 'train',
  validation_split: 'validation',
  output_type: 'multiple_choice',
  doc_to_text: '{{passage}}\nQuestion: {{question}}?\nAnswer:',
  doc_to_target: 'label',
  doc_to_choice: ['no', 'yes'],
  metric_list: [{ metric: 'acc', aggregation: 'mean', higher_is_better: true }],
  metadata: { version: 2 },
};
