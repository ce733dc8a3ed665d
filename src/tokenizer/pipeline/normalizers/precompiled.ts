import type { Part } from '../part.js';
import { changedText } from '../text/changed_text.js';
import { checkGrowth } from '../text/check_growth.js';
import { type CharacterMap, readCharacterMap } from './character_map.js';
import type { Normalizer } from './normalizer.js';

/** Longer clusters of characters are mapped character by character. */
const MOST_CLUSTER_BYTES = 5;
const MOST_KNOWN = 4096;

const utf8 = new TextEncoder();

/**
 * The normalizer of SentencePiece, as a map of characters that was made beforehand. As the tokenizers library, it maps
 * short clusters (graphemes) by the shortest entry that they begin with, and else single characters.
 */
export function precompiled(part: Part): Normalizer {
  const { precompiled_charsmap: charsmap } = part.json;
  if (charsmap === null || charsmap === undefined || charsmap === '') return (source) => source;
  const map = readCharacterMap(part.text('precompiled_charsmap'), (problem) => part.invalid(problem));
  // Some runtimes have no Intl.
  if (typeof Intl !== 'object' || Intl.Segmenter === undefined) {
    throw part.unsupported('it needs Intl.Segmenter, which this runtime lacks; it');
  }
  const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
  const lookUp = remembering(map);
  return (source) => {
    const characters: string[] = [];
    const changes: number[] = [];
    let isChanged = false;
    const replace = (old: string, text: string) => {
      isChanged = true;
      const added = [...text];
      const difference = added.length - [...old].length;
      for (const [i, character] of added.entries()) {
        characters.push(character);
        changes.push(difference > 0 && i >= added.length - difference ? 1 : 0);
      }
      checkGrowth(source.text.length, characters.length);
      if (difference < 0 && changes.length > 0) changes[changes.length - 1]! += difference;
    };
    const cluster = (segment: string) => {
      if (segment.length <= MOST_CLUSTER_BYTES && utf8.encode(segment).length <= MOST_CLUSTER_BYTES) {
        const text = lookUp(segment);
        if (text !== undefined) {
          replace(segment, text);
          return;
        }
      }
      for (const character of segment) {
        const text = lookUp(character);
        if (text !== undefined) replace(character, text);
        else {
          characters.push(character);
          changes.push(0);
        }
      }
    };
    for (const part of source.text.match(PARTS) ?? []) {
      if (part.length === 1) cluster(part);
      else for (const { segment } of segmenter.segment(part)) cluster(segment);
    }
    return isChanged ? changedText(source, characters, changes) : source;
  };
}

/** A character of ASCII before another is a cluster of its own, but for \r\n; the segmenter is slow. */
const PARTS = /\r\n|[\0-\x7f](?=[\0-\x7f]|$)|[\s\S](?:[^\0-\x7f])*/gu;

function remembering(map: CharacterMap): (text: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (text) => {
    if (known.has(text)) return known.get(text);
    const bytes = utf8.encode(text);
    const found = map.find(bytes, 0, bytes.length, false)?.text;
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(text, found);
    return found;
  };
}
