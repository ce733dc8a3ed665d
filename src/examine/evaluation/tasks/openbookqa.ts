import type { TaskConfig } from '../config/task_config.js';

/** Questions of elementary science, without the book (Mihaylov et al. 2018). */
export const openbookqa: TaskConfig = {
  task: 'openbookqa',
  dataset_path: 'allenai/openbookqa',
  dataset_name: 'main',
  training_split: 'train',
  validation_split: 'validation',
  test_split: 'test',
  output_type: 'multiple_choice',
  doc_to_text: 'question_stem',
  doc_to_target: '{{choices.label.index(answerKey.lstrip())}}',
  doc_to_choice: '{{choices.text}}',
  metric_list: [
    { metric: 'acc', aggregation: 'mean', higher_is_better: true },
    { metric: 'acc_norm', aggregation: 'mean', higher_is_better: true },
  ],
  metadata: { version: 1 },
};
