import type { Tokenizer } from '../../tokenizer/tokenizer.js';

/** Most UTF-8 bytes of one UTF-16 unit. */
const BYTES_PER_UNIT = 3;
/** Most bytes of a character that the end of a token before may have begun. */
const PARTIAL_BYTES = 3;

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
  const longest = Math.max(...stops.map(({ length }) => length));
  const needed = BYTES_PER_UNIT * longest + PARTIAL_BYTES;
  return (tokens) => {
    // The last token may hold the whole stop string or only its last unit.
    let start = tokens.length - 1;
    for (let bytes = 0; start > 0 && (bytes < needed || unshown > 0); ) {
      start--;
      bytes += tokenizer.tokenBytes(tokens[start]!).length;
    }
    const text = tokenizer.decode(tokens.slice(start)).slice(unshown);
    return stops.some((stop) => text.includes(stop));
  };
}
