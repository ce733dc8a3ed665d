import { hintFor, quotedList, show } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import { isJsonObject } from '../../../files/json_object.js';
import { OUTPUT_TYPES, type TaskOrGroup } from './task_config.js';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isTextOrNull: Check = (value) => value === null || isText(value);
const isFlag: Check = (value) => typeof value === 'boolean';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isCount: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
const isTexts: Check = (value) => listOf(isText)(value);
const isFunction: Check = (value) => isJsonObject(value) && isText(value.function);
const isField: Check = (value) => isText(value) || isNumber(value) || isTexts(value) || isFunction(value);
const anything: Check = () => true;
const objectOf =
  (fields: Fields): Check =>
  (value) =>
    isJsonObject(value) &&
    Object.entries(value).every(([name, item]) => Object.hasOwn(fields, name) && fields[name]![0](item));
const listOf =
  (check: Check): Check =>
  (value) =>
    // `every` alone would skip holes.
    Array.isArray(value) && Array.from(value).every(check);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

/** A check of each field, and in words what the field must be. */
type Fields = Readonly<Record<string, readonly [Check, string]>>;

const TEXT = [isText, 'a text'] as const;
const TEXT_OR_NULL = [isTextOrNull, 'a text or null'] as const;
const FIELD = [isField, 'a template, a column, a list of texts or !function NAME'] as const;
const FUNCTION = [isFunction, '!function NAME'] as const;

const METRIC_FIELDS: Fields = {
  metric: TEXT,
  aggregation: TEXT,
  higher_is_better: [isFlag, 'true or false'],
  ignore_case: [isFlag, 'true or false'],
  ignore_punctuation: [isFlag, 'true or false'],
  ignore_numbers: [isFlag, 'true or false'],
  regexes_to_ignore: [isTexts, 'a list of expressions'],
};

const GENERATION_FIELDS: Fields = {
  until: [(value) => isText(value) || isTexts(value), 'texts'],
  max_gen_toks: [isCount, 'a number'],
  do_sample: [isFlag, 'true or false'],
  temperature: [isNumber, 'a number'],
  top_k: [isCount, 'a number'],
  top_p: [isNumber, 'a number'],
};

const FEW_SHOT_FIELDS: Fields = {
  sampler: [(value) => value === 'default' || value === 'first_n', "'default' or 'first_n'"],
  split: TEXT,
  samples: [listOf(isJsonObject), 'a list of documents'],
};

const FILTER: Check = (value) =>
  isJsonObject(value) &&
  isText(value.name) &&
  listOf((step) => isJsonObject(step) && isText(step.function))(value.filter);

const TASK_FIELDS: Fields = {
  task: TEXT,
  dataset_path: TEXT,
  dataset_name: TEXT_OR_NULL,
  training_split: TEXT_OR_NULL,
  validation_split: TEXT_OR_NULL,
  test_split: TEXT_OR_NULL,
  fewshot_split: TEXT_OR_NULL,
  fewshot_config: [orNull(objectOf(FEW_SHOT_FIELDS)), 'an object of sampler, split and samples'],
  output_type: [(value) => OUTPUT_TYPES.includes(value as never), quotedList(OUTPUT_TYPES)],
  process_docs: FUNCTION,
  doc_to_text: FIELD,
  doc_to_target: FIELD,
  doc_to_choice: FIELD,
  process_results: FUNCTION,
  target_delimiter: TEXT,
  fewshot_delimiter: TEXT,
  description: TEXT,
  num_fewshot: [orNull(isCount), 'a number of examples'],
  repeats: [(value) => isCount(value) && value !== 0, 'a number from 1 on'],
  generation_kwargs: [
    objectOf(GENERATION_FIELDS),
    `an object of ${Object.keys(GENERATION_FIELDS).join(', ')}, each of its kind`,
  ],
  metric_list: [
    (value) =>
      listOf((item) => objectOf(METRIC_FIELDS)(item) && isText((item as { metric: unknown }).metric))(
        value,
      ) && (value as unknown[]).length > 0,
    `a list of objects of ${Object.keys(METRIC_FIELDS).join(', ')}, each of its kind`,
  ],
  filter_list: [listOf(FILTER), 'a list of { name, filter: [{ function }] }'],
  metadata: [isJsonObject, 'an object'],
  // These change nothing here: names of other programs' lists, and checks of training data.
  tag: [anything, ''],
  task_alias: [anything, ''],
  dataset_kwargs: [anything, ''],
  should_decontaminate: [anything, ''],
  doc_to_decontamination_query: [anything, ''],
};

const GROUP_FIELDS: Fields = {
  group: TEXT,
  group_alias: [anything, ''],
  task: [listOf((task) => isText(task) || isJsonObject(task)), 'a list of tasks'],
  aggregate_metric_list: [
    listOf(
      objectOf({
        metric: TEXT,
        aggregation: [(value) => value === 'mean', "'mean'"],
        weight_by_size: [isFlag, 'true or false'],
      }),
    ),
    "a list of { metric, aggregation: 'mean', weight_by_size }",
  ],
  metadata: [isJsonObject, 'an object'],
  tag: [anything, ''],
};

const NEEDED = ['task', 'output_type', 'doc_to_text', 'doc_to_target', 'metric_list'];

/**
 * Checks what a task file holds; `where` names it. Throws `invalid-file` for fields that are missing, unknown or of
 * another kind.
 */
export function checkConfig(value: unknown, where: string): TaskOrGroup {
  if (!isJsonObject(value)) throw wrong(where, 'must be a task: an object with task and output_type');
  const fields = 'group' in value ? GROUP_FIELDS : TASK_FIELDS;
  for (const [name, item] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      throw wrong(
        where,
        `has the field ${name}, which is unknown here; ${hintFor(name, Object.keys(fields))}`,
      );
    }
    const [check, right] = field;
    if (!check(item)) throw wrong(where, `has the ${name} ${show(item)}; it must be ${right}`);
  }
  const missing = ('group' in value ? ['task'] : NEEDED).filter((name) => !(name in value));
  if (missing.length > 0) throw wrong(where, `has no ${missing.join(', ')}`);
  if (value.output_type === 'multiple_choice' && value.doc_to_choice === undefined) {
    throw wrong(where, 'has no doc_to_choice, which multiple_choice needs');
  }
  return value as unknown as TaskOrGroup;
}

function wrong(where: string, problem: string): Gpt2Error {
  return new Gpt2Error('invalid-file', `${where} ${problem}`);
}
