import type { TaskConfig } from '../config/task_config.js';

/** Questions of science with a passage that supports the answer (Welbl et al. 2017). */
export const sciq: TaskConfig = {
  task: 'sciq',
  dataset_path: 'allenai/sciq',
  dataset_name: 'default',
  training_split: 'train',
  validation_split: 'validation',
  test_split: 'test',
  output_type: 'multiple_choice',
  doc_to_text: '{{support.lstrip()}}\nQuestion: {{question}}\nAnswer:',
  doc_to_target: 3,
  doc_to_choice: '{{[distractor1, distractor2, distractor3, correct_answer]}}',
  metric_list: [
    { metric: 'acc', aggregation: 'mean', higher_is_better: true },
    { metric: 'acc_norm', aggregation: 'mean', higher_is_better: true },
  ],
  metadata: { version: 1 },
};
