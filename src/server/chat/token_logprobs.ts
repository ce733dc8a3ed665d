import type { TopToken } from '../../generate/completion.js';
import type { TokenTexts } from '../models/token_texts.js';

/** A token in the log-probabilities of a chat's answer. */
interface WireToken {
  readonly token: string;
  readonly logprob: number;
  /** UTF-8; null for a token without any. */
  readonly bytes: readonly number[] | null;
}

/** Log-probabilities of the tokens of an answer, or of a piece of it. */
export interface ChatLogprobs {
  readonly content: readonly (WireToken & { readonly top_logprobs: readonly WireToken[] })[];
  readonly refusal: null;
}

/** A token whose log-probability was asked for. */
interface Listed {
  readonly id: number;
  readonly logprob: number;
  readonly top: readonly TopToken[];
}

/** Tokens in OpenAI's form, without those that end a text. */
export function chatLogprobs(
  tokens: readonly Listed[],
  texts: TokenTexts,
  ends: readonly number[],
): ChatLogprobs {
  const wire = ({ id, logprob }: { readonly id: number; readonly logprob: number }): WireToken => {
    const bytes = texts.bytesOf(id);
    return { token: texts.labelOf(id), logprob, bytes: bytes === undefined ? null : [...bytes] };
  };
  const content = tokens
    .filter(({ id }) => !ends.includes(id))
    .map((token) => ({ ...wire(token), top_logprobs: token.top.map(wire) }));
  return { content, refusal: null };
}
