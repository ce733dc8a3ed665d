import { checkArray } from '../../../base/check_lists.js';
import type { DocumentPart } from '../../../files/data_file.js';
import type { WordPair } from './gendered_words.js';
import { WordSwap } from './word_swap.js';

/**
 * Counterfactual data augmentation (Zhao et al. 2018; Lu et al. 2020): after each text that has words of the pairs,
 * the same text with each of them replaced by the other word of its pair. `pairs`: English words for genders by
 * default; names of people stay. Throws `invalid-option`.
 */
export function augmentCounterfactual(texts: readonly string[], pairs?: readonly WordPair[]): string[] {
  checkArray('texts', texts, 'an array of texts', (text) => typeof text === 'string');
  const swap = new WordSwap(pairs);
  return texts.flatMap((text) => {
    const other = swap.swap(text);
    return other.swapped > 0 ? [text, other.text] : [text];
  });
}

/** As `augmentCounterfactual`, for documents that come in parts: those of one document are held until it ends. */
export async function* counterfactualDocuments(
  parts: AsyncIterable<DocumentPart>,
  swap: WordSwap,
): AsyncGenerator<DocumentPart> {
  let others: DocumentPart[] = [];
  let swapped = 0;
  for await (const part of parts) {
    yield part;
    const [prompt, text] = [swap.swap(part.prompt), swap.swap(part.text)];
    others.push({ ...part, prompt: prompt.text, text: text.text });
    swapped += prompt.swapped + text.swapped;
    if (!part.last) continue;
    if (swapped > 0) yield* others;
    others = [];
    swapped = 0;
  }
}
