import { isJsonObject } from '../../files/json_object.js';

/** The name of a part of tokenizer.json in messages: its type, or its JSON if it has none. */
export function typeName(part: unknown): string {
  return isJsonObject(part) && typeof part.type === 'string' ? part.type : JSON.stringify(part ?? null);
}

/**
 * The steps of a normalizer, pre-tokenizer or post-processor in order, including those of nested sequences.
 */
export function steps(part: unknown): unknown[] {
  if (part === undefined || part === null) return [];
  if (!isJsonObject(part) || part.type !== 'Sequence') return [part];
  const inner = part.normalizers ?? part.pretokenizers ?? part.processors;
  return Array.isArray(inner) ? inner.flatMap(steps) : [part];
}
