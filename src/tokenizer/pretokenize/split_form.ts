import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { steps, typeName } from '../files/steps.js';

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
 * pattern followed by ByteLevel with or without its own, also within sequences. For one that would give other
 * ids, returns the part that differs, for a message.
 */
export function readPreTokenizer(part: unknown): { readonly addPrefixSpace: boolean } | string {
  const all = steps(part);
  const [last] = all.slice(-1);
  if (!isJsonObject(last) || last.type !== 'ByteLevel') {
    return `the pre-tokenizer ${all.length > 1 ? all.map(typeName).join(' + ') : typeName(last ?? part)}`;
  }
  const splits = all.slice(0, -1);
  const other = splits.find((step) => !isGpt2Split(step));
  if (other !== undefined) return `the pre-tokenizer ${describeStep(other)} before ByteLevel`;
  const addPrefixSpace = last.add_prefix_space === true;
  if (splits.length === 0 && last.use_regex === false) {
    return 'a ByteLevel pre-tokenizer without its split pattern (use_regex: false)';
  }
  if (splits.length > 0 && addPrefixSpace) {
    return 'a ByteLevel pre-tokenizer that adds a space before every piece (add_prefix_space after Split)';
  }
  return { addPrefixSpace };
}

/**
 * Whether a step splits at GPT-2's pattern. Its matches cover every text, so that nothing lies between them.
 */
function isGpt2Split(step: unknown): boolean {
  if (!isJsonObject(step) || step.type !== 'Split' || !isJsonObject(step.pattern)) return false;
  if (!GPT2_PATTERNS.includes(step.pattern.Regex)) return false;
  return step.behavior === 'Isolated' || (step.behavior === 'Removed' && step.invert === true);
}

function describeStep(step: unknown): string {
  const { type, pattern, behavior } = isJsonObject(step) ? step : ({} as JsonObject);
  if (type !== 'Split') return typeName(step);
  const text =
    JSON.stringify(isJsonObject(pattern) ? (pattern.Regex ?? pattern.String) : pattern) ?? 'nothing';
  return `Split(${text.length > 60 ? `${text.slice(0, 57)}...` : text}, ${behavior})`;
}
