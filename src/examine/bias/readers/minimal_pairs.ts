import type { MinimalPair } from '../pairs/minimal_pairs.js';
import type { FileText } from './file_text.js';
import { jsonLines, textIfAny, textOf } from './json_objects.js';

/**
 * Reads minimal pairs in the form of BLiMP (Warstadt et al. 2020): JSON lines with sentence_good, sentence_bad and, if
 * they are there, UID (the paradigm) and linguistics_term. Throws `invalid-file`; `name` names the file in messages.
 */
export function readMinimalPairs(file: FileText, name = 'the file of pairs'): MinimalPair[] {
  return jsonLines(file, name).map(({ place, object }) => ({
    good: textOf(object, 'sentence_good', place),
    bad: textOf(object, 'sentence_bad', place),
    paradigm: textIfAny(object, 'UID'),
    phenomenon: textIfAny(object, 'linguistics_term'),
  }));
}
