import type { Cancellation } from '../base/cancellation.js';
import { checkOptionNames, invalidOption, quotedList } from '../base/check_options.js';
import { Gpt2Error, throwIfAborted } from '../base/errors.js';
import { exp } from '../base/exact_math.js';
import type { Edit } from '../core/hooks/edit.js';
import type { Core, Evaluation, LogitsRow } from '../core/types.js';
import { eachText } from '../generate/each_text.js';
import type { Prompt } from '../generate/prompt.js';
import type { Placement } from '../generate/sequence.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type ContextAndChoices, checkedChoices, encodeChoices } from './choice_tokens.js';

/** How choices are compared. */
export interface ChooseOptions {
  /**
   * What is compared; the names in EleutherAI's harness are in brackets:
   * - `sum` (default): ln p of the choice (acc), which favours short ones
   * - `mean`: ln p over the number of tokens
   * - `bytes`: ln p over the number of bytes of UTF-8 (acc_bytes)
   */
  readonly by?: 'sum' | 'mean' | 'bytes' | undefined;
  /**
   * Changes of numbers inside the model; see `Model.trace`. Positions are as in `generate`: those of a choice are
   * `generated`.
   */
  readonly edit?: readonly Edit[] | undefined;
  /** Ends the call with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** The best of several choices, and how likely each is. The lists have an entry for each choice. */
export interface Chosen {
  /** Index of the best choice; of equally good ones the first. */
  readonly index: number;
  /** Its text; of ids without a tokenizer the empty one. */
  readonly text: string;
  /** ln p of each choice after the prompt: the sum of its tokens' log-probabilities. */
  readonly logprobs: number[];
  /** What was compared: as `logprobs`, or over tokens or bytes. */
  readonly scores: number[];
  /** How likely each choice is among the choices: p over the sum of all p, whatever was compared. */
  readonly probabilities: number[];
}

const WAYS = ['sum', 'mean', 'bytes'] as const;
const OPTION_NAMES = Object.keys({
  by: true,
  edit: true,
  signal: true,
} satisfies Record<keyof ChooseOptions, true>);

/** Chooses what follows a prompt best; see `Model.choose`. */
export async function choose(
  core: Core,
  tokenizer: Tokenizer,
  prompt: Prompt,
  given: readonly Prompt[],
  options: ChooseOptions,
): Promise<Chosen> {
  checkOptionNames('choose', options, OPTION_NAMES);
  const { by = 'sum', edit, signal } = options;
  if (!WAYS.includes(by)) throw invalidOption('by', by, quotedList(WAYS));
  const choices = checkedChoices(given, core.config);
  const encoded = encodeChoices(prompt, choices, core.config, tokenizer);
  const sizes = encoded.choices.map((tokens, i) => {
    if (by === 'sum') return 1;
    if (by === 'mean') return tokens.length;
    const size = byteLength(choices[i]!, tokenizer);
    if (size > 0) return size;
    throw new Gpt2Error(
      'invalid-option',
      `choices[${i}] has no bytes to compare by; set by to 'sum' or 'mean'`,
    );
  });
  const logprobs = await logprobsOf(core, encoded, edit, signal);
  const scores = logprobs.map((logprob, i) => logprob / sizes[i]!);
  const index = scores.indexOf(scores.reduce((best, score) => Math.max(best, score)));
  const text = choices[index]!;
  return {
    index,
    text: typeof text === 'string' ? text : tokenizer.decode(text),
    logprobs,
    scores,
    probabilities: shares(logprobs),
  };
}

function byteLength(choice: Prompt, tokenizer: Tokenizer): number {
  if (typeof choice === 'string') return new TextEncoder().encode(choice).length;
  return Array.from(choice).reduce((sum, id) => sum + tokenizer.tokenBytes(id).length, 0);
}

/** ln p of each choice. The context is evaluated once, the choices together on forks of it. */
async function logprobsOf(
  core: Core,
  { context, choices }: ContextAndChoices,
  edit: readonly Edit[] | undefined,
  signal: Cancellation | undefined,
): Promise<number[]> {
  const sums: number[] = [];
  let placement: Placement | undefined;
  if (edit !== undefined) {
    const { withEdits } = await import('../generate/placement.js');
    placement = await withEdits(core, undefined, edit, { tokens: context.length, grows: true });
  }
  const placed = (evaluation: Evaluation) => placement?.place(evaluation) ?? evaluation;
  const sequence = core.sequence('call', placement !== undefined);
  const readFirst = (row: LogitsRow) => {
    const firsts = new Set(choices.map(([first]) => first!));
    const logprobs = new Map(Array.from(firsts, (id) => [id, row.measure(id).logprob]));
    for (const [first] of choices) sums.push(logprobs.get(first!)!);
  };
  const readRest = async (tokens: readonly number[], choice: number, both: Cancellation) => {
    if (tokens.length === 1) return;
    const read = (row: LogitsRow, index: number) => {
      sums[choice]! += row.measure(tokens[index + 1 - context.length]!).logprob;
    };
    const fork = sequence.fork();
    try {
      const evaluated = [...context, ...tokens.slice(0, -1)];
      await fork.evaluate(placed({ tokens: evaluated, first: context.length, read, signal: both }));
    } finally {
      fork.release();
    }
  };
  try {
    await sequence.evaluate(placed({ tokens: context, read: readFirst, signal }));
    throwIfAborted(signal, 'choosing');
    for await (const _ of eachText(choices, (tokens) => tokens, signal, readRest));
  } finally {
    sequence.release();
  }
  throwIfAborted(signal, 'choosing');
  return sums;
}

/** e^logprob of each over the sum of all. */
function shares(logprobs: readonly number[]): number[] {
  const most = logprobs.reduce((a, b) => Math.max(a, b));
  const weights = logprobs.map((logprob) => exp(logprob - most));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}
