import type { TaskConfig } from './config/task_config.js';
import { metricOf } from './metrics/metrics.js';

/** What stands beside the numbers of a task, without which they cannot be compared. */
export interface Rules {
  /** How texts are cut into what the model reads. */
  readonly windows: string;
  /** How texts are changed before they are scored. */
  readonly detokenizer: string;
  /** By metric: what its numbers are divided by. */
  readonly normalization: Readonly<Record<string, string>>;
}

/** The rules of a task on a model with a context of so many tokens. */
export function rulesOf(config: TaskConfig, contextLength: number): Rules {
  const { doc_to_target, output_type, process_docs, generation_kwargs } = config;
  const isFunction = typeof doc_to_target === 'object' && 'function' in doc_to_target;
  const changes = [
    ...(process_docs === undefined ? [] : [process_docs.function]),
    ...(isFunction ? [doc_to_target.function] : []),
  ];
  const windows = {
    loglikelihood: `last ${contextLength + 1} tokens of context and continuation`,
    multiple_choice: `last ${contextLength + 1} tokens of context and choice`,
    loglikelihood_rolling: `disjoint, ${contextLength} tokens (stride ${contextLength}), the first after the start token`,
    generate_until: `last ${contextLength} tokens less the ${generation_kwargs?.max_gen_toks ?? 256} to generate`,
  }[output_type];
  return {
    windows,
    detokenizer: changes.join(', ') || 'none',
    normalization: Object.fromEntries(
      config.metric_list.map(({ metric }) => [metric, metricOf(metric).normalization]),
    ),
  };
}
