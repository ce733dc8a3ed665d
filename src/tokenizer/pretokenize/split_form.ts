import { isJsonObject } from '../../files/json_object.js';
import { steps } from '../files/steps.js';

/**
 * Forms of GPT-2's split pattern that give the same pieces of any text: that of its authors, and two that
 * tiktoken has used.
 */
const GPT2_PATTERNS: readonly unknown[] = [
  String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  String.raw`'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  String.raw`'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s`,
];

/**
 * Reads a pre-tokenizer that splits as GPT-2 does: ByteLevel with its own pattern, or Split at GPT-2's
 * pattern followed by ByteLevel with or without its own, also within sequences. Undefined for one that gives
 * other ids.
 */
export function readPreTokenizer(part: unknown): { readonly addPrefixSpace: boolean } | undefined {
  const all = steps(part);
  const [last] = all.slice(-1);
  const splits = all.slice(0, -1);
  if (!isJsonObject(last) || last.type !== 'ByteLevel' || !splits.every(isGpt2Split)) return undefined;
  const addPrefixSpace = last.add_prefix_space === true;
  // After Split, a space would be added before every piece.
  const isOther = splits.length === 0 ? last.use_regex === false : addPrefixSpace;
  return isOther ? undefined : { addPrefixSpace };
}

/**
 * Whether a step splits at GPT-2's pattern. Its matches cover every text, so that nothing lies between them.
 */
function isGpt2Split(step: unknown): boolean {
  if (!isJsonObject(step) || step.type !== 'Split' || !isJsonObject(step.pattern)) return false;
  if (!GPT2_PATTERNS.includes(step.pattern.Regex)) return false;
  return step.behavior === 'Isolated' || (step.behavior === 'Removed' && step.invert === true);
}
