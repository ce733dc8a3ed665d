import type { TokenTexts } from '../models/token_texts.js';
import type { ListedToken } from './logprob_list.js';
import { promptScores, type ScoredToken } from './prompt_scores.js';
import type { CompletionTask } from './task.js';

/** A token of a prompt and the likeliest ones at its place, by their ids, as vLLM has them; null for the first token. */
export type PromptLogprob = Readonly<
  Record<number, { readonly logprob: number; readonly rank: number; readonly decoded_token: string }>
> | null;

/** How the choices of a prompt begin. */
export interface Opening {
  /** The prompt, if it is echoed. */
  readonly text: string;
  /** Its tokens, if their log-probabilities are wanted in `logprobs`. */
  readonly tokens: readonly ListedToken[];
  readonly promptLogprobs: readonly PromptLogprob[] | undefined;
}

/** Evaluates a prompt for what the request wants to know about it. */
export async function openingOf(
  { served, echo, logprobs, promptLogprobs }: CompletionTask,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<Opening> {
  const { texts } = served;
  const echoed = echo ? logprobs : undefined;
  const text = echo ? texts.decode(ids) : '';
  if (echoed === undefined && promptLogprobs === undefined) return { text, tokens: [], promptLogprobs };
  const scores = await promptScores(served, ids, Math.max(echoed ?? 0, promptLogprobs ?? 0), signal);
  const withTop = (count: number) => scores.map((token) => ({ ...token, top: token.top.slice(0, count) }));
  return {
    text,
    tokens: echoed === undefined ? [] : withTop(echoed),
    promptLogprobs:
      promptLogprobs === undefined
        ? undefined
        : withTop(promptLogprobs).map((token) => promptLogprob(token, texts)),
  };
}

function promptLogprob({ id, logprob, rank, top }: ScoredToken, texts: TokenTexts): PromptLogprob {
  if (logprob === null) return null;
  const listed = top.map((other, place) => ({ ...other, rank: place + 1 }));
  return Object.fromEntries(
    [...listed, { id, logprob, rank }].map(({ id, logprob, rank }) => [
      ...[id, { logprob, rank, decoded_token: texts.labelOf(id) }],
    ]),
  );
}
