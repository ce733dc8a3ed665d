import type { TaskConfig } from '../config/task_config.js';

/**
 * Whom a sentence speaks of (Sakaguchi et al. 2019). The text after the gap is scored after each of the two
 * beginnings, so that `doc_to_text` is the index of the right one.
 */
export const winogrande: TaskConfig = {
  task: 'winogrande',
  dataset_path: 'allenai/winogrande',
  dataset_name: 'winogrande_xl',
  training_split: 'train',
  validation_split: 'validation',
  output_type: 'multiple_choice',
  doc_to_text: '{{answer|int - 1}}',
  doc_to_target: "{{sentence.split('_')[1:]|join('_')|trim}}",
  doc_to_choice: "{{[sentence.split('_')[0] + option1, sentence.split('_')[0] + option2]}}",
  metric_list: [{ metric: 'acc', aggregation: 'mean', higher_is_better: true }],
  metadata: { version: 1 },
};
