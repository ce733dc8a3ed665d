import { checkArray } from '../../base/check_lists.js';
import { whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { eachText } from '../../generate/each_text.js';
import { startTokenOf } from '../../generate/prompt.js';
import type { Work } from '../../model/remote_models.js';
import type { AnyModel } from '../any_model.js';
import { idsOfTexts } from '../ids_of.js';
import { checkModel } from '../run_operation.js';

/** A fact, and what asks for it. Each text is used as it is: in English, all begin with a space. */
export interface Needle {
  /** The fact, such as " The magic number of Lily is 42." */
  readonly needle: string;
  /** The end of the prompt, such as " The magic number of Lily is" */
  readonly question: string;
  /** What the model should continue with, such as " 42" */
  readonly answer: string;
}

/** Where needles are hidden. */
export interface NeedleRecallOptions extends Work {
  /** Places of the needle in the filler, at most 64 numbers from 0, the beginning, to 1. Default 0, 0.25, 0.5, 0.75 and 1. */
  readonly depths?: readonly number[] | undefined;
  /** Numbers of tokens of the prompt, at most 64. Default a quarter, half and all of the context. */
  readonly lengths?: readonly number[] | undefined;
}

/** How well the model recalls the needle at one depth of a prompt. */
export interface NeedleRecall {
  /** Tokens of the prompt. */
  readonly length: number;
  /** Place of the needle in the filler, from 0, the beginning, to 1, the end. */
  readonly depth: number;
  /** Tokens of the prompt before the needle. */
  readonly before: number;
  /** ln p of the answer, in nats. */
  readonly logprob: number;
  /** ln p of the answer if filler stands in the needle's place: what the model guesses. */
  readonly without: number;
  /** Whether each token of the answer is the likeliest one. */
  readonly isGreedy: boolean;
}

const OPTION_NAMES = Object.keys({
  depths: true,
  lengths: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof NeedleRecallOptions, true>);
const MOST_VALUES = 64;

/** A sentence with the white space before it; what follows the last mark is one too. */
const SENTENCES = /[^.!?\n]*[.!?\n]+|[^.!?\n]+$/gu;

/** What prompts are made of, as tokens. */
interface Parts {
  readonly start: readonly number[];
  readonly filler: readonly (readonly number[])[];
  readonly needle: readonly number[];
  readonly question: readonly number[];
  readonly answer: readonly number[];
}

/** A prompt, with the length and the depth if it has the needle. */
interface Haystack {
  readonly length: number;
  readonly depth?: number;
  readonly before: number;
  readonly ids: readonly number[];
}

/**
 * Measures how well a model finds a fact in a long prompt (needle in a haystack, Kamradt 2023): filler text with
 * the needle before the sentence at each depth, then the question; gives the probability of the answer, and whether
 * greedy sampling writes it. Filler that is too short is repeated.
 *
 * Throws `invalid-option`, also for a length that has no room for the needle or does not fit the context;
 * `context-full` if needle, question and answer do not fit it; `aborted`.
 * Progress counts prompts.
 */
export async function needleRecall(
  model: AnyModel,
  needle: Needle,
  filler: string,
  options: NeedleRecallOptions = {},
): Promise<NeedleRecall[]> {
  checkModel(model);
  checkOptionNames('needleRecall', options, OPTION_NAMES);
  const { depths = [0, 0.25, 0.5, 0.75, 1], signal, onProgress } = options;
  checkList('depths', depths, 'numbers from 0 to 1', (depth) => depth >= 0 && depth <= 1);
  const parts = await partsOf(model, needle, filler, { signal });
  const limits = limitsOf(parts, model.config.contextLength);
  const { lengths = standardLengths(limits) } = options;
  const [least, most] = limits;
  checkList('lengths', lengths, `whole numbers from ${least} to ${most}`, whole(least, most)[0]);
  const haystacks = lengths.flatMap((length) => [
    haystack(parts, length),
    ...depths.map((depth) => haystack(parts, length, depth)),
  ]);
  const found: NeedleRecall[] = [];
  let done = 0;
  let without = 0;
  const measure = async (hay: Haystack) => ({
    hay,
    answer: await model.loglikelihood(hay.ids, parts.answer, { signal }),
  });
  for await (const { hay, answer } of eachText(haystacks, ({ ids }) => ids, signal, measure)) {
    onProgress?.({ done: ++done, total: haystacks.length });
    const { length, depth, before } = hay;
    const { logprob, isGreedy } = answer;
    if (depth === undefined) without = logprob;
    else found.push({ length, depth, before, logprob, without, isGreedy });
  }
  return found;
}

async function partsOf(model: AnyModel, given: Needle, filler: string, work: Work): Promise<Parts> {
  checkOptionNames('the needle', given, ['needle', 'question', 'answer']);
  const texts = [given.needle, given.question, given.answer];
  for (const [i, name] of ['needle', 'question', 'answer'].entries()) {
    if (typeof texts[i] !== 'string' || texts[i] === '') throw invalidOption(name, texts[i], 'a text');
  }
  const sentences = typeof filler === 'string' ? (filler.match(SENTENCES) ?? []) : [];
  if (sentences.length === 0) throw invalidOption('filler', filler, 'a text');
  const [needle, question, answer, ...ids] = await idsOfTexts(model, [...texts, ...sentences], work);
  const start = startTokenOf(model.config);
  return {
    start: start === undefined ? [] : [start],
    filler: ids,
    needle: needle!,
    question: question!,
    answer: answer!,
  };
}

/**
 * The fewest and the most tokens of a prompt. The answer follows it, and its last token is not evaluated. Throws
 * `context-full` if there is no room for any prompt.
 */
function limitsOf({ start, needle, question, answer }: Parts, contextLength: number): [number, number] {
  const least = start.length + needle.length + question.length;
  const most = contextLength + 1 - answer.length;
  if (least <= most) return [least, most];
  throw new Gpt2Error(
    'context-full',
    `needle, question and answer have ${least + answer.length - 1} tokens to evaluate, which do not fit the model's context of ${contextLength}; shorten them`,
  );
}

function standardLengths([least, most]: readonly [number, number]): number[] {
  const lengths = [0.25, 0.5, 1].map((share) => Math.floor(share * most));
  return lengths.filter((length) => length >= least);
}

function checkList(
  name: string,
  list: readonly number[],
  right: string,
  test: (value: number) => boolean,
): void {
  const all = `a list of 1 to ${MOST_VALUES} ${right}`;
  checkArray(name, list, all, (value) => typeof value === 'number' && test(value));
  if (list.length < 1 || list.length > MOST_VALUES) throw invalidOption(name, list, all);
}

/** The prompt of a length, with the needle if a depth is given. */
function haystack({ start, filler, needle, question }: Parts, length: number, depth?: number): Haystack {
  const hidden = depth === undefined ? [] : needle;
  const room = length - start.length - hidden.length - question.length;
  const hay: number[] = [];
  const places = [0];
  for (let i = 0; hay.length < room; i++) {
    // One at a time, since a sentence may have more tokens than a call can have arguments.
    for (const id of filler[i % filler.length]!) hay.push(id);
    if (hay.length <= room) places.push(hay.length);
  }
  hay.length = room;
  const wanted = (depth ?? 0) * room;
  const place = depth === 1 ? room : places.filter((each) => each <= wanted).at(-1)!;
  const ids = [...start, ...hay.slice(0, place), ...hidden, ...hay.slice(place), ...question];
  return { length, ...(depth !== undefined && { depth }), before: start.length + place, ids };
}
