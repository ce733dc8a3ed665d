import { AlignedText } from './aligned_text.js';
import { TextBuilder } from './text_builder.js';

/**
 * A new text as a list of characters, each with its change: 0 takes the place of the next character of the source,
 * -n takes its place and that of n more, 1 is inserted. Characters stand for the part of the original that the first
 * character whose place they take stands for, and inserted ones for that of the character before.
 */
export function changedText(
  source: AlignedText,
  characters: readonly string[],
  changes: ArrayLike<number>,
): AlignedText {
  if (source.starts === undefined) return new AlignedText(characters.join(''));
  const { text } = source;
  const builder = new TextBuilder(source);
  let at = 0;
  const skip = () => {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  };
  for (const [i, character] of characters.entries()) {
    const change = changes[i]!;
    builder.put(character, Math.min(change > 0 ? at - 1 : at, text.length - 1));
    if (change > 0) continue;
    for (let taken = change; taken <= 0; taken++) skip();
  }
  return builder.build();
}
