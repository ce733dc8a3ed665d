import { Gpt2Error } from '../../base/errors.js';
import { allTexts } from '../../generate/each_text.js';
import type { LoadedModel } from '../../generate/loaded_models.js';
import type { AnyPrompt } from '../../generate/prefixed_prompt.js';
import type { Prompt } from '../../generate/prompt.js';
import { spanOf } from '../../tokenizer/text_spans.js';
import { answerWindows } from './answer_windows.js';
import { bestSpans } from './best_spans.js';
import { headRows } from './head_rows.js';
import { hiddenRows, placedText, tokensOf } from './placed_text.js';
import { textsOf } from './tag.js';
import { headOf } from './task_head.js';
import type { Answer, AnswerOptions } from './types.js';
import { wholeWords } from './whole_words.js';

/** Arguments of `answer`, which may cross to a worker. */
export interface AnswerArgs extends Omit<AnswerOptions, 'signal'> {
  readonly question: Prompt;
  readonly context: Prompt;
}

/** Most tokens of a window, unless the caller says more: that of transformers' pipeline. */
const WINDOW = 384;
const STRIDE = 128;

/** As `BaseModel.answer`, where the model is. */
export async function answerHere(
  model: LoadedModel,
  { question, context, top = 1, maxTokens = 15, window: wish, stride: wishedStride }: AnswerArgs,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<Answer[]> {
  const { head } = headOf(model.core, 'qa_outputs');
  const { contextLength } = model.core.config;
  const asked = tokensOf(model, question, true);
  const tokens = allTokensOf(model, context);
  const most = Math.min(wish ?? WINDOW, contextLength);
  const stride = wishedStride ?? Math.min(Math.floor(most / 2), STRIDE);
  const windows = answerWindows(asked.length, tokens.length, most, stride);
  const inputs = windows.map(({ first, count }) => [...asked, ...tokens.slice(first, first + count)]);
  const found = await allTexts(inputs, signal, async (ids: AnyPrompt, both) => {
    const logits = await headRows(head, await hiddenRows(model, placedText(model, ids), both), both);
    const column = (c: number) =>
      Float32Array.from({ length: logits.length / 2 }, (_, i) => logits[2 * i + c]!);
    return { startLogits: column(0), endLogits: column(1) };
  });
  const given = typeof context === 'string' && context !== '' ? context : undefined;
  const texts = textsOf(model, tokens, given);
  const byPlace = new Map<string, Answer>();
  for (const [i, logits] of found.entries()) {
    const contextLogits = [logits.startLogits, logits.endLogits].map((all) => all.subarray(asked.length));
    for (const { first, count, score } of bestSpans(contextLogits[0]!, contextLogits[1]!, {
      top,
      maxTokens,
    })) {
      const firstToken = windows[i]!.first + first;
      const span = { ...wholeWords(spanOf(texts, firstToken, count), texts.text), score, ...logits };
      const place = `${firstToken} ${count}`;
      // Windows overlap: the likelier reading of a span counts.
      if (!(score <= (byPlace.get(place)?.score ?? -1))) byPlace.set(place, span);
    }
  }
  return [...byPlace.values()].sort((a, b) => b.score - a.score || a.firstToken - b.firstToken).slice(0, top);
}

/** The tokens of a context, which may be longer than that of the model. Throws `invalid-option`. */
function allTokensOf({ core, tokenizer }: LoadedModel, context: Prompt): number[] {
  const tokens =
    typeof context === 'string' ? tokenizer.encode(context) : tokensOf({ core, tokenizer }, context, true);
  if (tokens.length > 0) return tokens;
  throw new Gpt2Error('invalid-option', 'the context is empty; it must have the answer');
}
