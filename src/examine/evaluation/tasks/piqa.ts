import type { TaskConfig } from '../config/task_config.js';

/** Which of two ways reaches a physical goal (Bisk et al. 2019). */
export const piqa: TaskConfig = {
  task: 'piqa',
  dataset_path: 'baber/piqa',
  dataset_name: 'default',
  training_split: 'train',
  validation_split: 'validation',
  output_type: 'multiple_choice',
  doc_to_text: 'Question: {{goal}}\nAnswer:',
  doc_to_target: 'label',
  doc_to_choice: '{{[sol1, sol2]}}',
  metric_list: [
    { metric: 'acc', aggregation: 'mean', higher_is_better: true },
    { metric: 'acc_norm', aggregation: 'mean', higher_is_better: true },
  ],
  metadata: { version: 1 },
};
