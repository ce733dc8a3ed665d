import type { Value } from '../template/values.js';

/**
 * What a task asks about each document: how likely its target is, how likely a whole text is, which choice is the
 * likeliest, or how the model continues a text.
 */
export type OutputType = 'loglikelihood' | 'loglikelihood_rolling' | 'multiple_choice' | 'generate_until';

export const OUTPUT_TYPES = [
  'loglikelihood',
  'loglikelihood_rolling',
  'multiple_choice',
  'generate_until',
] as const satisfies readonly OutputType[];

/** A row of a data set: values by the names of its columns. */
export type Doc = { readonly [field: string]: Value };

/** The name of a function, which a task file writes as `!function NAME`. */
export interface FunctionName {
  /** A name among the functions of the package and of the option `functions`. */
  readonly function: string;
}

/** A field that is computed for each document: a template, the name of a column, or a function. */
export type Field = string | number | readonly string[] | FunctionName;

/** A metric and how its values become one number. */
export interface MetricConfig {
  /**
   * `acc`, `acc_norm`, `acc_bytes`, `acc_mutual_info`, `perplexity`, `word_perplexity`, `byte_perplexity`,
   * `bits_per_byte`, `exact_match`, `f1`, `mcc` or `brier_score`; with `process_results` any name.
   */
  readonly metric: string;
  /**
   * `mean`, `median`, `perplexity`, `weighted_perplexity`, `bits_per_byte`, `f1`, `matthews_corrcoef` or
   * `brier_score`; by default the usual one of the metric.
   */
  readonly aggregation?: string;
  /** Repeated in the results; by default as usual for the metric. */
  readonly higher_is_better?: boolean;
  /** For `exact_match`: whether upper and lower case are the same. Default false. */
  readonly ignore_case?: boolean;
  /** For `exact_match`: whether ASCII punctuation is removed. Default false. */
  readonly ignore_punctuation?: boolean;
  /** For `exact_match`: whether the digits 0 to 9 are removed. Default false. */
  readonly ignore_numbers?: boolean;
  /** For `exact_match`: regular expressions whose matches are removed first. */
  readonly regexes_to_ignore?: readonly string[];
}

/** A step that changes the texts which a model generated. */
export interface FilterStep {
  /**
   * `take_first`, `take_first_k`, `majority_vote`, `lowercase`, `uppercase`, `remove_whitespace`, `regex` or
   * `map`.
   */
  readonly function: string;
  /**
   * Options of the step: `k` of `take_first_k`; `regex_pattern`, `group_select` and `fallback` of `regex`;
   * `mapping_dict` and `default_value` of `map`.
   */
  readonly [option: string]: unknown;
}

/** A filter of generated texts. Each filter has its own metrics. */
export interface FilterConfig {
  /** Its name in the keys of the results. */
  readonly name: string;
  /** The steps, in their order. */
  readonly filter: readonly FilterStep[];
}

/** How texts are generated, in the names of task files. */
export interface GenerationConfig {
  /** Texts that end the generation; by default the `fewshot_delimiter`. */
  readonly until?: string | readonly string[];
  /** Most tokens: 256 by default. */
  readonly max_gen_toks?: number;
  /** Whether tokens are drawn; `false` takes the likeliest ones, whatever the temperature. */
  readonly do_sample?: boolean;
  /** 0 takes the likeliest tokens. By default 1 with `do_sample`, otherwise 0. */
  readonly temperature?: number;
  /** Draws from so many of the likeliest tokens; 0, the default, from all. */
  readonly top_k?: number;
  /** Draws from the likeliest tokens that together have this probability: 1 by default. */
  readonly top_p?: number;
}

/** How examples before a question are found. */
export interface FewShotConfig {
  /** `default` draws with the seed; `first_n` takes the first ones. */
  readonly sampler?: string;
  /** The split that examples come from, in place of `fewshot_split`. */
  readonly split?: string;
  /** The examples themselves, in place of a split. */
  readonly samples?: readonly Doc[];
}

/** A task as EleutherAI's harness describes it; names and meanings are those of its task files. */
export interface TaskConfig {
  /** Name of the task. */
  readonly task: string;
  /** A data set of the hub, `owner/name`. */
  readonly dataset_path?: string;
  /** Configuration of the data set; by default its only one, or `default`. */
  readonly dataset_name?: string | null;
  /** Split that examples come from; evaluated if the task names no other. */
  readonly training_split?: string | null;
  /** Split that is evaluated if the task names no `test_split`. */
  readonly validation_split?: string | null;
  /** Split that is evaluated. */
  readonly test_split?: string | null;
  /** Split that examples come from, in place of `training_split`. */
  readonly fewshot_split?: string | null;
  /** How examples are chosen; by default they are drawn by the seed. */
  readonly fewshot_config?: FewShotConfig | null;
  /** What is asked about each document. */
  readonly output_type: OutputType;
  /** Changes the documents before anything else. */
  readonly process_docs?: FunctionName;
  /** The text before the target; if the choices stand before one target, the index of the right one. */
  readonly doc_to_text: Field;
  /** The right text, the index of the right choice, or several of these. */
  readonly doc_to_target: Field;
  /** The choices, a list of texts; `multiple_choice` needs it. */
  readonly doc_to_choice?: Field;
  /** Replaces the rules by which answers become values of metrics. */
  readonly process_results?: FunctionName;
  /** Text between a text and its target: a space by default. */
  readonly target_delimiter?: string;
  /** Text after each example: an empty line by default. */
  readonly fewshot_delimiter?: string;
  /** A template of the text before everything else; empty by default. */
  readonly description?: string;
  /** Examples before each question: 0 by default. If it is 0, the option `fewShot` does not change it. */
  readonly num_fewshot?: number | null;
  /** For `generate_until`: texts that are generated for each document, 1 or more. Default 1. */
  readonly repeats?: number;
  /** For `generate_until`: how texts are generated. */
  readonly generation_kwargs?: GenerationConfig;
  /** One or more metrics. */
  readonly metric_list: readonly MetricConfig[];
  /** For `generate_until`: by default one filter, `none`, which takes the first text. */
  readonly filter_list?: readonly FilterConfig[];
  /** Facts about the task, of which only the version is used. */
  readonly metadata?: {
    /** Version of the task, which the results repeat. */
    readonly version?: number | string;
    /** Any other fact. */
    readonly [name: string]: unknown;
  };
}

/** A metric of the common result of a group. */
export interface GroupMetricConfig {
  /** Name of a metric of the tasks. */
  readonly metric: string;
  /** Always `mean`. */
  readonly aggregation?: string;
  /** Whether tasks count by their numbers of documents; true by default. */
  readonly weight_by_size?: boolean;
}

/** Several tasks under one name; with an aggregate metric they also get a common result. */
export interface GroupConfig {
  /** Name of the group. */
  readonly group: string;
  /** Its tasks: names, paths of YAML files, or objects with the fields of one. */
  readonly task: readonly (string | TaskConfig)[];
  /** Metrics of the common result; without them there is none. */
  readonly aggregate_metric_list?: readonly GroupMetricConfig[];
  /** Facts about the group, which are not used. */
  readonly metadata?: TaskConfig['metadata'];
}

/** The content of a task file. */
export type TaskOrGroup = TaskConfig | GroupConfig;

export function isGroup(config: TaskOrGroup): config is GroupConfig {
  return 'group' in config;
}
