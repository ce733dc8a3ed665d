import type { Value } from '../template/values.js';

/** What requests a task makes. */
export const OUTPUT_TYPES = [
  'loglikelihood',
  'loglikelihood_rolling',
  'multiple_choice',
  'generate_until',
] as const;
export type OutputType = (typeof OUTPUT_TYPES)[number];

/** A row of a data set. */
export type Doc = { readonly [field: string]: Value };

/** The name of a function, which a task file writes as `!function NAME`. */
export interface FunctionName {
  readonly function: string;
}

/** A field that is computed for each document: a template, the name of a column, or a function. */
export type Field = string | number | readonly string[] | FunctionName;

/** A metric and how its values become one number. */
export interface MetricConfig {
  readonly metric: string;
  readonly aggregation?: string;
  readonly higher_is_better?: boolean;
  /** For `exact_match`. */
  readonly ignore_case?: boolean;
  readonly ignore_punctuation?: boolean;
  readonly ignore_numbers?: boolean;
  readonly regexes_to_ignore?: readonly string[];
}

/** A step that changes the texts which a model generated. */
export interface FilterStep {
  readonly function: string;
  readonly [option: string]: unknown;
}

/** Steps in order, whose results have metrics of their own under `name`. */
export interface FilterConfig {
  readonly name: string;
  readonly filter: readonly FilterStep[];
}

/** How texts are generated, in the names of task files. */
export interface GenerationConfig {
  readonly until?: string | readonly string[];
  readonly max_gen_toks?: number;
  readonly do_sample?: boolean;
  readonly temperature?: number;
  readonly top_k?: number;
  readonly top_p?: number;
}

/** How examples before a question are found. */
export interface FewShotConfig {
  /** `default` draws with the seed; `first_n` takes the first ones. */
  readonly sampler?: string;
  readonly split?: string;
  /** The examples themselves. */
  readonly samples?: readonly Doc[];
}

/** A task as EleutherAI's harness describes it; names and meanings are those of its task files. */
export interface TaskConfig {
  readonly task: string;
  /** A data set of the hub, `owner/name`. */
  readonly dataset_path?: string;
  readonly dataset_name?: string | null;
  readonly training_split?: string | null;
  readonly validation_split?: string | null;
  readonly test_split?: string | null;
  readonly fewshot_split?: string | null;
  readonly fewshot_config?: FewShotConfig | null;
  readonly output_type: OutputType;
  /** Changes the documents before anything else. */
  readonly process_docs?: FunctionName;
  readonly doc_to_text: Field;
  readonly doc_to_target: Field;
  readonly doc_to_choice?: Field;
  /** Replaces the rules by which answers become values of metrics. */
  readonly process_results?: FunctionName;
  /** Between a text and its target: a space by default. */
  readonly target_delimiter?: string;
  /** Between examples: an empty line by default. */
  readonly fewshot_delimiter?: string;
  /** Before everything else. */
  readonly description?: string;
  readonly num_fewshot?: number | null;
  readonly repeats?: number;
  readonly generation_kwargs?: GenerationConfig;
  readonly metric_list: readonly MetricConfig[];
  readonly filter_list?: readonly FilterConfig[];
  readonly metadata?: { readonly version?: number | string; readonly [name: string]: unknown };
}

/** Several tasks under one name; with an aggregate metric they also get a common result. */
export interface GroupConfig {
  readonly group: string;
  readonly task: readonly (string | TaskConfig)[];
  readonly aggregate_metric_list?: readonly {
    readonly metric: string;
    readonly aggregation?: string;
    /** Whether larger tasks count more; true by default. */
    readonly weight_by_size?: boolean;
  }[];
  readonly metadata?: TaskConfig['metadata'];
}

export type TaskOrGroup = TaskConfig | GroupConfig;

export function isGroup(config: TaskOrGroup): config is GroupConfig {
  return 'group' in config;
}
