import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Cancellation } from '../base/cancellation.js';
import { invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { exp, LN2 } from '../base/exact_math.js';
import { evaluateOnce } from '../core/evaluate.js';
import type { Edit } from '../core/hooks/edit.js';
import type { Core, LogitsRow } from '../core/types.js';
import { apart } from '../generate/apart.js';
import type { PromptInputs } from '../generate/inputs.js';
import type { AnyPrompt } from '../generate/prefixed_prompt.js';
import { promptTokens } from '../generate/prompt.js';
import type { Placement } from '../generate/sequence.js';
import { bytesOfToken } from '../tokenizer/bytes_of_token.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { resolveScoreOptions, type ScoreOptions } from './score_options.js';
import { scoreWindows } from './windows.js';

/** Which tokens of a text are scored, and how. */
export interface ScoringPlan {
  /** The tokens of the text, and its first scored token: 0, 1 if there is no start token, or more. */
  readonly tokens: readonly number[];
  readonly first: number;
  /** The tokens that are read: the start token, if there is one, and those of the text. */
  readonly sequence: readonly number[];
  readonly stride: number;
  /** Number of likeliest tokens, at most the size of the vocabulary. */
  readonly top: number;
  /** Vectors before the tokens, and changes of the model: only where one window has all tokens. */
  readonly inputs?: PromptInputs | undefined;
  readonly edit?: readonly Edit[] | undefined;
}

/** Encodes a text and decides how it is scored. Throws as `Model.score`. */
export function planScoring(
  config: ModelConfig,
  tokenizer: Tokenizer,
  prompt: AnyPrompt,
  options: ScoreOptions,
): ScoringPlan {
  const [text, { inputs }] = apart(prompt, { inputs: undefined as PromptInputs | undefined });
  const follows = inputs?.embeddings !== undefined;
  // Vectors take the place of a start token.
  const resolved = resolveScoreOptions(options, config);
  const { stride, from, top } = resolved;
  const startToken = follows && !options.start ? undefined : resolved.startToken;
  const advice = stride === undefined ? 'set stride to score it in windows' : undefined;
  const tokens = promptTokens(text, config, () => tokenizer, { advice });
  const { contextLength } = config;
  const sequence = startToken === undefined ? tokens : [startToken, ...tokens];
  const first = Math.max(startToken === undefined && !follows ? 1 : 0, from);
  if (from > 0 && first >= tokens.length) {
    throw invalidOption('from', from, `less than the number of tokens, ${tokens.length}`);
  }
  if (first === tokens.length) {
    throw new Gpt2Error(
      'invalid-option',
      'the text is one token and is scored without a start token, so nothing comes before it; give a longer text',
    );
  }
  if (sequence.length - 1 > contextLength && stride === undefined) {
    throw new Gpt2Error(
      'context-full',
      `${sequence.length - 1} tokens to score do not fit the model's context of ${contextLength}; set stride to score them in windows`,
    );
  }
  const { edit } = options;
  if (edit !== undefined && sequence.length - 1 > contextLength) {
    throw new Gpt2Error('invalid-option', `edit is for texts of one window, up to ${contextLength} tokens`);
  }
  return { tokens, first, sequence, stride: stride ?? contextLength, top, inputs, edit };
}

/** Receives results in the order of the tokens. */
export interface ScoredReader {
  /** The row before token `token` of the text, which was computed from `context` tokens. */
  read(row: LogitsRow, token: number, context: number): void;
  /** The row after the last token, if it is wanted. */
  readEnd?: ((row: LogitsRow) => void) | undefined;
  readonly signal: Cancellation | undefined;
}

/** Evaluates the windows of a plan. Throws `aborted`. */
export async function readScored(
  core: Core,
  { tokens, first, sequence, stride, inputs, edit }: ScoringPlan,
  { read, readEnd, signal }: ScoredReader,
): Promise<void> {
  const { contextLength } = core.config;
  const { length } = sequence;
  const lead = length - tokens.length;
  const placement = await placementOf(core, inputs, edit, length);
  for (const window of scoreWindows(length, contextLength, stride, first + lead)) {
    const { start } = window;
    const isLast = window.end === length - 1;
    // The last token is evaluated only for the row after it.
    const end = isLast && readEnd && length - start <= contextLength ? length : window.end;
    const readRow = (row: LogitsRow, position: number) => {
      const token = start + position + 1 - lead;
      if (token === tokens.length) readEnd!(row);
      else read(row, token, position + 1);
    };
    const part = { tokens: sequence.slice(start, end), first: window.first - 1 - start };
    const evaluation = { ...part, read: readRow, signal };
    await evaluateOnce(core, placement?.place(evaluation) ?? evaluation, 'scoring');
    if (isLast && readEnd && end < length) {
      const rest = sequence.slice(-contextLength);
      await evaluateOnce(core, { tokens: rest, read: readEnd, signal }, 'scoring');
    }
  }
}

/** Vectors and changes for so many tokens. Throws `invalid-option` and `context-full`. */
async function placementOf(
  core: Core,
  inputs: PromptInputs | undefined,
  edit: readonly Edit[] | undefined,
  tokens: number,
): Promise<Placement | undefined> {
  let placed: Placement | undefined;
  if (inputs !== undefined) {
    const { PlacedInputs } = await import('../generate/inputs.js');
    placed = new PlacedInputs(inputs, core, tokens);
  }
  if (edit === undefined) return placed;
  const { withEdits } = await import('../generate/placement.js');
  return withEdits(core, placed, edit, { tokens, grows: false });
}

/** A likely token and its ln p. */
export interface Likely {
  readonly id: number;
  readonly logprob: number;
}

/** The `count` likeliest tokens of a row, likeliest first. `logSumExp` is that of its logits. */
export function likeliest(row: LogitsRow, count: number, logSumExp: number): Likely[] {
  if (count === 0) return [];
  row.softmax(1);
  return Array.from(row.topK(count), (id) => ({ id, logprob: row.values[id]! - logSumExp }));
}

/** The mean of `sum` over the scored tokens and the figures that follow from it. */
export function perToken(sum: number, scored: readonly number[], tokenizer: Tokenizer) {
  const mean = sum / scored.length;
  const bytes = byteLength(scored, tokenizer);
  return { mean, perplexity: exp(-mean), bitsPerByte: bytes ? -sum / LN2 / bytes : undefined };
}

/** How many bytes the tokens decode to; special tokens, and ids that the tokenizer lacks, count as none. */
function byteLength(ids: readonly number[], tokenizer: Tokenizer): number {
  const special = new Set(tokenizer.specialTokens.values());
  return ids.reduce((sum, id) => sum + (special.has(id) ? 0 : (bytesOfToken(tokenizer, id)?.length ?? 0)), 0);
}
