import { checkArray } from '../../base/check_lists.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../base/check_options.js';
import { isJsonObject } from '../../files/json_object.js';

/** An input with its label. */
export interface LabelledInput {
  /** The text to label. */
  readonly input: string;
  /** The name of a choice. */
  readonly label: string;
}

/** A task that a model learns from its prompt. */
export interface FewShotOptions {
  /** Text before the examples. */
  readonly instruction?: string | undefined;
  /** Solved examples, which the prompt shows: none by default ("zero-shot"). */
  readonly examples?: readonly LabelledInput[] | undefined;
  /** Two or more labels; or an object of them with the texts that the model reads in their places. */
  readonly choices: readonly string[] | Readonly<Record<string, string>>;
  /**
   * How an example is written, with the place {input}, and {label} at its end: 'Input: {input}\nLabel: {label}' by
   * default.
   */
  readonly query?: string | undefined;
  /** Text between instruction, examples and query: an empty line by default. */
  readonly separator?: string | undefined;
  /** How many of the examples are shown, the first ones of their order: all by default. */
  readonly shots?: number | undefined;
  /** Seed of the examples' order, an integer from 0 to 2^53 - 1; without it they stay in the order given. */
  readonly seed?: number | undefined;
}

/** Checked options. */
export interface FewShotTask {
  readonly instruction: string;
  readonly examples: readonly LabelledInput[];
  /** The labels, and the texts in their places. */
  readonly labels: readonly string[];
  readonly texts: readonly string[];
  /** The query before {label}. */
  readonly query: string;
  readonly separator: string;
  readonly shots: number;
  readonly seed: number | undefined;
}

const OPTION_NAMES = Object.keys({
  ...{
    instruction: true,
    examples: true,
    choices: true,
    query: true,
    separator: true,
    shots: true,
    seed: true,
  },
} satisfies Record<keyof FewShotOptions, true>);

const LABEL = '{label}';
export const INPUT = '{input}';

/** Checks the options of a task. Throws `invalid-option`. */
export function checkFewShot(options: FewShotOptions): FewShotTask {
  checkOptionNames('FewShot', options, OPTION_NAMES);
  const { instruction = '', examples = [], choices, separator = '\n\n', seed } = options;
  const query: unknown = options.query ?? `Input: ${INPUT}\nLabel: ${LABEL}`;
  for (const [name, value] of Object.entries({ instruction, separator })) {
    if (typeof value !== 'string') throw invalidOption(name, value, 'a text');
  }
  const isQuery =
    typeof query === 'string' &&
    query.endsWith(LABEL) &&
    query.split(LABEL).length === 2 &&
    query.includes(INPUT);
  if (!isQuery) throw invalidOption('query', query, `a text with ${INPUT}, and with ${LABEL} at its end`);
  const named = checkChoices(choices);
  checkLabelled('examples', examples, [...named.keys()]);
  const { shots = examples.length } = options;
  checkNumber('shots', shots, whole(0, examples.length));
  if (seed !== undefined) checkNumber('seed', seed, whole(0));
  return {
    ...{ instruction, separator, shots, seed },
    examples: examples.map(({ input, label }) => ({ input, label })),
    labels: [...named.keys()],
    texts: [...named.values()],
    query: query.slice(0, -LABEL.length),
  };
}

/** The text of each label. Throws `invalid-option`. */
function checkChoices(choices: unknown): Map<string, string> {
  const right = 'an array of two or more different labels, or an object with a text for each';
  const entries: [unknown, unknown][] = Array.isArray(choices)
    ? Array.from(choices, (label) => [label, label])
    : Object.entries(isJsonObject(choices) ? choices : {});
  const named = new Map(entries as [string, string][]);
  const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '';
  const areTexts = entries.every(([label, text]) => typeof label === 'string' && isText(text));
  const areDifferent = named.size === entries.length && new Set(named.values()).size === named.size;
  if (named.size >= 2 && areTexts && areDifferent) return named;
  throw invalidOption('choices', choices, right);
}

/** Throws `invalid-option` for anything but an array of inputs with known labels. */
export function checkLabelled(
  name: string,
  items: unknown,
  labels: readonly string[],
): asserts items is readonly LabelledInput[] {
  checkArray(name, items, 'an array of { input, label }', isJsonObject);
  for (const [i, item] of items.entries()) {
    const { input, label } = item as Partial<LabelledInput>;
    if (typeof input !== 'string') throw invalidOption(`${name}[${i}].input`, input, 'a text');
    if (!labels.includes(label as string))
      throw invalidOption(`${name}[${i}].label`, label, quotedList(labels));
  }
}
