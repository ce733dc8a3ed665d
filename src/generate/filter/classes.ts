import { nextTask } from '../../base/next_task.js';
import { PERSONAL_DATA_KINDS, personalData } from './personal_data.js';
import { sentenceEnd } from './sentences.js';

/** What the lists of filters find, by the names of their rules. */
export const FILTER_CLASSES = ['english', ...PERSONAL_DATA_KINDS] as const;
export type FilterClass = (typeof FILTER_CLASSES)[number];

/** The classes of what is found in a given text, whose sentences are judged one by one as those of a completion. */
export async function classesIn(text: string, signal: AbortSignal): Promise<ReadonlySet<FilterClass>> {
  const { englishProfanities } = await import('./english.js');
  const found = new Set<FilterClass>();
  let rest = text;
  while (rest !== '') {
    const end = sentenceEnd(rest) ?? rest.length;
    const sentence = rest.slice(0, end);
    rest = rest.slice(end);
    if (!found.has('english') && englishProfanities(sentence).length > 0) found.add('english');
    for (const kind of PERSONAL_DATA_KINDS) {
      if (!found.has(kind) && personalData(sentence, kind).length > 0) found.add(kind);
    }
    // Texts of many MB take seconds.
    await nextTask();
    signal.throwIfAborted();
  }
  return found;
}
