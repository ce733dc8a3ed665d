import { isContinuation } from '../../base/utf8.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';

/** Most UTF-8 bytes of one UTF-16 unit. */
const BYTES_PER_UNIT = 3;

/**
 * Makes the test whether the text of tokens has one of the stop strings, for texts that did not have one
 * before their last token. Only the end of the text is decoded, so that many candidates can be tested.
 * `unshown`: UTF-16 units at the start of the text that repeat the end of the prompt and do not count.
 */
export function stopRule(
  stops: readonly string[],
  tokenizer: Tokenizer,
  unshown: number,
): (tokens: readonly number[]) => boolean {
  if (stops.length === 0) return () => false;
  const needed = BYTES_PER_UNIT * stops.reduce((most, { length }) => Math.max(most, length), 0);
  return (tokens) => {
    // A stop string may need only one byte of the last token.
    let start = unshown > 0 ? 0 : tokens.length - 1;
    for (let bytes = 0; start > 0 && (bytes < needed || !beginsCharacter(tokens[start]!)); ) {
      start--;
      bytes += tokenizer.tokenBytes(tokens[start]!).length;
    }
    const decoder = tokenizer.streamDecoder({ continues: true });
    let text = '';
    for (const token of tokens.slice(start)) text += decoder.push(token);
    text = text.slice(unshown);
    return stops.some((stop) => text.includes(stop));
  };

  /** Whether a text may be decoded from this token on: it begins with no later byte of a character. */
  function beginsCharacter(token: number): boolean {
    const [first = 0] = tokenizer.tokenBytes(token);
    return !isContinuation(first);
  }
}
