import { isJsonObject } from '../../files/json_object.js';

/** How a part of tokenizer.json is called in a message: its type, or its JSON where it has none. */
export function typeName(part: unknown): string {
  return isJsonObject(part) && typeof part.type === 'string' ? part.type : JSON.stringify(part ?? null);
}

/** The steps of a normalizer, pre-tokenizer or post-processor in their order, those of nested sequences included. */
export function steps(part: unknown): unknown[] {
  if (part === undefined || part === null) return [];
  if (!isJsonObject(part) || part.type !== 'Sequence') return [part];
  const inner = part.normalizers ?? part.pretokenizers ?? part.processors;
  return Array.isArray(inner) ? inner.flatMap(steps) : [part];
}
