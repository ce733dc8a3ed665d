import { abortable } from '../../base/abortable.js';
import { counted } from '../../base/counted.js';
import { Gpt2Error } from '../../base/errors.js';
import { FNV_START, fnv1a } from '../../base/hash.js';
import { allExamples, type ExampleData, type ExampleDataset, splitDataset } from '../data/examples.js';
import { type AnswerRow, type AnswerRules, answerRows, type CutCounts } from './answer_rows.js';
import { judgedOf, type PreferenceData, type PreferencePair, pairOf } from './preference_data.js';

/** A preference in numbers. */
export interface Preference {
  /** Number of the preference among all of a run; those of held-out data come last. */
  readonly index: number;
  /** The chosen and the rejected answer of a pair; or a judged answer, and one that belongs to another prompt. */
  readonly answers: readonly [AnswerRow, AnswerRow];
  /** Whether a judged answer is desirable. */
  readonly isDesirable?: boolean;
}

/** The preferences of a run. */
export interface Preferences {
  readonly training: readonly Preference[];
  /** Those that are held out; none if that is not wanted. */
  readonly validation: readonly Preference[];
  /** Texts that were cut or left out, a sentence each. */
  readonly notes: readonly string[];
}

/** Options about the data of preferences. */
export interface PreferenceDataOptions {
  readonly data: PreferenceData;
  /** Preferences that are held out, or the share of `data` that is. */
  readonly validation: number | PreferenceData;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** Counts of texts that were too long, and of pairs without a difference. */
export interface EncodingCounts extends CutCounts {
  same: number;
}

/** Encodes examples, whose preferences are counted from `first` on. */
type Encode = (examples: readonly Placed[], counts: EncodingCounts, first: number) => Preference[];

/** Encodes preferences for rows of `length` tokens. Throws `invalid-option` and `aborted`. */
export async function encodePreferences(
  { data, validation, seed, signal }: PreferenceDataOptions,
  encode: Encode,
  length: number,
): Promise<Preferences> {
  const counts = { prompts: 0, answers: 0, same: 0 };
  const given = await placed('data', data, signal);
  const { training, held } =
    typeof validation === 'number'
      ? split(given, validation, seed)
      : { training: given, held: await placed('validation', validation, signal) };
  const learned = encode(training, counts, 0);
  const others = held.length === 0 ? [] : encode(held, counts, learned.length);
  return { training: learned, validation: others, notes: notesOf(counts, length) };
}

/** Holds out a share of the examples, so that both answers of a pair are on the same side. */
function split(examples: readonly Placed[], share: number, seed: number) {
  const parts = splitDataset({ length: examples.length, get: (index) => examples[index]! }, share, seed);
  const listOf = (part: ExampleDataset<Placed> | undefined) =>
    Array.from({ length: part?.length ?? 0 }, (_, index) => part!.get(index) as Placed);
  return { training: listOf(parts.training), held: listOf(parts.validation) };
}

/** 32-bit fingerprint of preferences. */
export function fingerprintPreferences(preferences: readonly Preference[]): number {
  let hash = FNV_START;
  for (const { answers, isDesirable } of preferences) {
    for (const { ids, from } of answers) hash = fnv1a(ids.reduce(fnv1a, fnv1a(hash, ids.length)), from);
    hash = fnv1a(hash, Number(isDesirable ?? true));
  }
  return hash >>> 0;
}

/** An example with its place, for messages. */
interface Placed {
  readonly example: unknown;
  readonly where: string;
}

async function placed(
  name: string,
  data: ExampleData<unknown>,
  signal: AbortSignal | undefined,
): Promise<Placed[]> {
  const found: Placed[] = [];
  for await (const example of abortable(allExamples(data), signal, 'reading preferences')) {
    found.push({ example, where: `item ${found.length + 1} of ${name}` });
  }
  if (found.length > 0) return found;
  throw new Gpt2Error('invalid-option', `${name} has no examples`);
}

/** Encodes pairs; `rowsOf` gives the rows of the chosen and the rejected answer. */
export const asPairs =
  (rowsOf: (pair: PreferencePair, counts: CutCounts) => readonly AnswerRow[]): Encode =>
  (examples, counts, first) => {
    const found: Preference[] = [];
    for (const { example, where } of examples) {
      const [chosen, rejected] = at(where, () => rowsOf(pairOf(example), counts));
      if (String(chosen!.ids) === String(rejected!.ids)) counts.same++;
      else found.push({ index: first + found.length, answers: [chosen!, rejected!] });
    }
    if (found.length > 0) return found;
    throw new Gpt2Error('invalid-option', 'no pair has two answers that differ');
  };

/**
 * Encodes judged answers: each goes with that of the next example that has another prompt, or of the next one if none
 * has.
 */
export const asJudged =
  (rules: AnswerRules): Encode =>
  (examples, counts, first) => {
    const all = examples.flatMap(({ example, where }) =>
      at(where, () =>
        judgedOf(example).map(({ prompt, completion, label }) => {
          const [row] = answerRows(prompt, { completion }, rules, counts);
          return { row: row!, label, prompt: String(row!.ids.slice(0, row!.from)) };
        }),
      ),
    );
    const others = nextWithOther(all.map(({ prompt }) => prompt));
    return all.map(({ row, label }, i) => {
      const other = all[others[i]!]!.row;
      return {
        ...{ index: first + i, isDesirable: label },
        answers: [row, joined(row, other, rules.length)] as const,
      };
    });
  };

/** For each prompt, around the end, the place of the next one that differs, or of the next one if none does. */
function nextWithOther(prompts: readonly string[]): number[] {
  const count = prompts.length;
  const places: number[] = [];
  for (let i = 2 * count - 1; i >= 0; i--) {
    const [own, next] = [i % count, (i + 1) % count];
    places[own] = prompts[own] === prompts[next] ? (places[next] ?? next) : next;
  }
  return places.map((place, own) => (prompts[place] === prompts[own] ? (own + 1) % count : place));
}

/** The answer of `other` after the prompt of `own`, cut as others are. */
function joined(own: AnswerRow, other: AnswerRow, length: number): AnswerRow {
  const answer = other.ids.slice(other.from);
  const prompt = own.ids.slice(0, own.from).slice(-(length + 1 - answer.length));
  return { ids: [...prompt, ...answer], from: prompt.length };
}

/** Runs `work`, whose errors get the place of an example. */
function at<R>(where: string, work: () => R): R {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Gpt2Error)) throw error;
    throw new Gpt2Error(error.code, `${where}: ${error.message}`, { cause: error });
  }
}

function notesOf({ prompts, answers, same }: EncodingCounts, length: number): string[] {
  const fit = `to fit into rows of ${length} tokens`;
  return [
    ...(prompts > 0 ? [`${counted(prompts, 'prompt')} lost the beginning ${fit}`] : []),
    ...(answers > 0
      ? [`${counted(answers, 'answer')} lost the end ${fit}; a larger contextLength keeps it`]
      : []),
    ...(same > 0 ? [`${counted(same, 'pair')} of equal answers left out`] : []),
  ];
}
