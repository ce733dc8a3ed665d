import type { GroupConfig, TaskConfig } from '../config/task_config.js';

/** Questions of science tests at school (Clark et al. 2018). */
const arcTask = (task: string, name: string): TaskConfig => ({
  task,
  dataset_path: 'allenai/ai2_arc',
  dataset_name: name,
  training_split: 'train',
  validation_split: 'validation',
  test_split: 'test',
  output_type: 'multiple_choice',
  doc_to_text: 'Question: {{question}}\nAnswer:',
  doc_to_target: '{{choices.label.index(answerKey)}}',
  doc_to_choice: '{{choices.text}}',
  metric_list: [
    { metric: 'acc', aggregation: 'mean', higher_is_better: true },
    { metric: 'acc_norm', aggregation: 'mean', higher_is_better: true },
  ],
  metadata: { version: 1 },
});

export const arcEasy = arcTask('arc_easy', 'ARC-Easy');
export const arcChallenge = arcTask('arc_challenge', 'ARC-Challenge');
export const arc: GroupConfig = { group: 'arc', task: [arcEasy, arcChallenge] };
