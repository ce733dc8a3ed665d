import { invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { evaluateOnce } from '../core/evaluate.js';
import type { Edit } from '../core/hooks/edit.js';
import type { Core, Evaluation } from '../core/types.js';
import { apart } from '../generate/apart.js';
import { PlacedInputs, type PromptInputs } from '../generate/inputs.js';
import type { AnyPrompt } from '../generate/prefixed_prompt.js';
import { promptTokens } from '../generate/prompt.js';
import type { Placement } from '../generate/sequence.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** A prompt whose results are wanted after each vector and token. */
export interface PromptRows extends Pick<Evaluation, 'read' | 'wanted' | 'signal'> {
  readonly prompt: AnyPrompt;
  readonly inputs: PromptInputs | undefined;
  readonly edit: readonly Edit[] | undefined;
  /** The first row that is read, counted from the first vector: 0 by default. */
  readonly from?: number;
  /** Called before the first row with the number of rows that are read. */
  begin(rows: number): void;
}

/** Evaluates a prompt. Throws `context-full` if it is too long; `what` names the work for `aborted`. */
export async function readPromptRows(
  core: Core,
  tokenizer: Tokenizer,
  { prompt, inputs: given, edit, from = 0, begin, read, ...rest }: PromptRows,
  what: string,
): Promise<void> {
  const { config } = core;
  const [text, { inputs }] = apart(prompt, { inputs: given });
  const mayBeEmpty = inputs?.embeddings !== undefined;
  const tokens = promptTokens(text, config, () => tokenizer, { advice: 'shorten it', mayBeEmpty });
  let placed: Placement | undefined;
  if (inputs !== undefined) placed = new PlacedInputs(inputs, core, tokens.length);
  if (tokens.length > config.contextLength) {
    throw new Gpt2Error(
      'context-full',
      `${tokens.length} tokens do not fit the model's context of ${config.contextLength}`,
    );
  }
  if (edit !== undefined) {
    const { withEdits } = await import('../generate/placement.js');
    placed = await withEdits(core, placed, edit, { tokens: tokens.length, grows: false });
  }
  const vectors = placed?.vectors ?? 0;
  const rows = vectors + tokens.length - from;
  if (rows < 1) throw invalidOption('from', from, `less than the number of rows, ${rows + from}`);
  let hasBegun = false;
  const readRow: Evaluation['read'] = (row, index) => {
    // Memory is taken only when this call has its turn, since many calls may wait.
    if (!hasBegun) begin(rows);
    hasBegun = true;
    return read(row, vectors + index - from);
  };
  const evaluation = { ...rest, tokens, first: from - vectors, read: readRow };
  await evaluateOnce(core, placed?.place(evaluation) ?? evaluation, what);
}
