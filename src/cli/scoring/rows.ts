import { counted } from '../../base/counted.js';
import { threeDigits } from '../../base/human_bytes.js';
import { withoutControls } from '../../base/visible_text.js';
import type { Model } from '../../model/model.js';
import type { Score } from '../../score/score.js';
import type { PlacedText } from '../inputs/placed_texts.js';
import type { ScoreTotal } from './total.js';

/** Number of characters of a text that its row shows. */
const SHOWN = 40;

/** The row of a text. */
export function scoreRow(text: PlacedText, { perplexity, bitsPerByte, sum, logprobs }: Score): string {
  return row({ perplexity, bitsPerByte, sum, tokens: logprobs.length }, shownPlace(text));
}

/** Where a text is, and how it begins. */
export function shownPlace({ file, line, text }: PlacedText): string {
  const words = withoutControls(text.trim().replace(/\s+/g, ' '));
  const shown = Array.from(words).slice(0, SHOWN).join('');
  return `${file}:${line}  ${shown}${shown.length < words.length ? ' …' : ''}`;
}

/** The row of all texts together. */
export function totalRow(total: ScoreTotal): string {
  return row(total, `${counted(total.texts, 'text')} together`);
}

/**
 * Perplexity, bits per byte, log-probability, tokens and a text, separated by tabs for `sort -n` and `cut
 * -f`.
 */
function row(
  { perplexity, bitsPerByte, sum, tokens }: Pick<ScoreTotal, 'perplexity' | 'bitsPerByte' | 'sum' | 'tokens'>,
  text: string,
): string {
  const bits = bitsPerByte === undefined ? '-' : bitsPerByte.toFixed(3);
  return `${[threeDigits(perplexity), bits, sum.toFixed(2), tokens, text].join('\t')}\n`;
}

/** The score of a text for `--json`, with its tokens if `model` is given, whose tokenizer decodes them. */
export function scoreJson({ file, line, text }: PlacedText, score: Score, model: Model | undefined): object {
  const { tokens, logprobs, ranks, entropy, sum, mean, perplexity, bitsPerByte } = score;
  const first = tokens.length - logprobs.length;
  return {
    ...{ file, line, text, sum, mean, perplexity, bitsPerByte, scoredTokens: logprobs.length },
    ...(model && {
      tokens: tokens.map((id, i) => ({
        ...{ id, text: model.tokenizer.decode([id]) },
        ...(i >= first && {
          logprob: logprobs[i - first],
          rank: ranks[i - first],
          entropy: entropy[i - first],
        }),
      })),
    }),
  };
}
