import { counted } from '../../base/counted.js';
import { threeDigits } from '../../base/human_bytes.js';
import type { Examination } from '../../examine/text/examination.js';

/** The figures of a whole text, in lines. */
export function summaryText(examination: Examination): string {
  const { scoredTokens, words, sentences, perplexity, bitsPerByte, sum, bins, stride } = examination;
  const share = (count: number) => `${threeDigits((100 * count) / scoredTokens)} %`;
  const lines = [
    [
      counted(scoredTokens, 'scored token'),
      counted(words.length, 'word'),
      counted(sentences.length, 'sentence'),
    ],
    [
      `perplexity ${threeDigits(perplexity)}`,
      ...(bitsPerByte === undefined ? [] : [`${bitsPerByte.toFixed(3)} bits per byte`]),
      `ln p ${sum.toFixed(2)}`,
    ],
    [
      `top 10: ${share(bins.top10)}`,
      `top 100: ${share(bins.top100)}`,
      `top 1000: ${share(bins.top1000)}`,
      `others: ${share(bins.rest)}`,
    ],
    ...(stride === undefined ? [] : [[`windows that score ${counted(stride, 'token')} after the first`]]),
  ];
  return `${lines.map((parts) => parts.join(', ')).join('\n')}\n`;
}
