import { checkArray } from '../../base/check_lists.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { exp } from '../../base/exact_math.js';
import type { Prompt } from '../../generate/prompt.js';
import { shiftWindow } from '../../generate/shift_window.js';
import type { Work } from '../../model/remote_models.js';
import { startTokenFor } from '../../score/score_options.js';
import type { AnyModel } from '../any_model.js';
import { idsOf } from '../ids_of.js';
import { checkModel } from '../run_operation.js';
import { type Part, scoreParts } from '../score_parts.js';

/** How a text is read with a context that shifts. */
export interface ContextShiftsOptions extends Work {
  /** Values of the option `keep` of `generate` to compare, at most 64. Default 0, 1, 4 and 16, those that fit. */
  readonly keep?: readonly number[] | undefined;
  /** A shorter context than the model's, at least 4, so that it is full sooner. Default: the model's. */
  readonly contextLength?: number | undefined;
  /** Whether the text begins with the token that begins a text. Default true if the model has one. */
  readonly start?: boolean | undefined;
}

/** How well the text was predicted with one value of `keep`. */
export interface ContextShift {
  /** How many of the first tokens each shift kept. */
  readonly keep: number;
  /** How often the context was full. */
  readonly shifts: number;
  /** Number of scored tokens: all that follow the first full context, the same for each `keep`. */
  readonly tokens: number;
  /** Mean ln p of them, in nats. */
  readonly mean: number;
  /** e^-mean. */
  readonly perplexity: number;
}

const OPTION_NAMES = Object.keys({
  keep: true,
  contextLength: true,
  start: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof ContextShiftsOptions, true>);
const STANDARD = [0, 1, 4, 16];
const LEAST_CONTEXT = 4;
const MOST_KEEPS = 64;

/**
 * Reads a text as `generate` would have written it with `contextFull: 'shift'`: whenever the context is full, it
 * continues with the first `keep` tokens and the most recent half of the rest. Gives the perplexity of all tokens
 * after the first full context for each `keep`.
 *
 * First tokens that many heads attend to are known as attention sinks (Xiao et al. 2023), and models that drop them
 * from a cache write nonsense. Here a shift evaluates the kept tokens again at their new positions, so that
 * the first one can always serve as the sink. What `keep` changes is which token that is, and with 1 it is the
 * start token, as in training.
 *
 * Throws `invalid-option`, also for a text that fits the context; `aborted`.
 */
export async function contextShifts(
  model: AnyModel,
  text: Prompt,
  options: ContextShiftsOptions = {},
): Promise<ContextShift[]> {
  checkOptionNames('contextShifts', options, OPTION_NAMES);
  checkModel(model);
  const most = model.config.contextLength;
  const { contextLength = most, start, signal, onProgress } = options;
  checkNumber('contextLength', contextLength, whole(Math.min(LEAST_CONTEXT, most), most));
  const startToken = startTokenFor(start, model.config);
  const keeps = options.keep ?? STANDARD.filter((keep) => keep <= contextLength - 2);
  checkKeeps(keeps, contextLength);
  const ids = await idsOf(model, text, { signal });
  const sequence = startToken === undefined ? ids : [startToken, ...ids];
  const tokens = sequence.length - contextLength - 1;
  if (tokens < 1) {
    throw invalidOption(
      'text',
      text,
      `longer than the context of ${contextLength} tokens, so that it shifts`,
    );
  }
  const all = tokens * keeps.length;
  const results: ContextShift[] = [];
  for (const [i, keep] of keeps.entries()) {
    const parts = shiftedParts(sequence, keep, contextLength);
    const report =
      onProgress &&
      (({ done }: { readonly done: number }) => onProgress({ done: i * tokens + done, total: all }));
    let [sum, shifts] = [0, 0];
    for await (const score of scoreParts(model, parts, tokens, { signal, onProgress: report })) {
      sum += score.sum;
      shifts++;
    }
    const mean = sum / tokens;
    results.push({ keep, shifts, tokens, mean, perplexity: exp(-mean) });
  }
  return results;
}

function checkKeeps(keeps: readonly number[], contextLength: number): void {
  const right = `1 to ${MOST_KEEPS} whole numbers from 0 to ${contextLength - 2}`;
  checkArray(
    'keep',
    keeps,
    `a list of ${right}`,
    whole(0, contextLength - 2)[0] as (item: unknown) => boolean,
  );
  if (keeps.length < 1 || keeps.length > MOST_KEEPS) throw invalidOption('keep', keeps, `a list of ${right}`);
}

/** What the model reads after each shift, until the context is full again or the text ends. */
function* shiftedParts(sequence: readonly number[], keep: number, contextLength: number): Generator<Part> {
  // One token more than the context holds is there when it shifts.
  for (let read = contextLength + 1; read < sequence.length; ) {
    const recent = sequence.slice(Math.max(0, read - contextLength), read);
    const kept = shiftWindow([...sequence.slice(0, keep), ...recent], keep, contextLength);
    const end = Math.min(sequence.length, read + contextLength - kept.length + 1);
    yield { ids: [...kept, ...sequence.slice(read, end)], from: kept.length };
    read = end;
  }
}
