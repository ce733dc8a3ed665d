import { checkSignal } from '../../base/check_options.js';
import { withinMemory } from '../../base/memory_error.js';
import { Slices } from '../../base/slices.js';
import { type DocumentPlace, placeOf } from '../data/document_places.js';
import { checkDocuments, type TokenDocuments } from '../data/token_documents.js';
import { HeldOutGrams } from './held_out_grams.js';
import { ShortDocuments } from './short_documents.js';

/** A held-out document that is in the training documents too. */
export interface Leak {
  /** The held-out document. */
  readonly document: DocumentPlace;
  /** The training document in which most of it was found first. */
  readonly source: DocumentPlace;
  /** Share of the held-out document's sequences of 13 tokens that training documents have. */
  readonly share: number;
}

/** Held-out documents whose text is in training documents. */
export interface LeakReport {
  /** Number of held-out documents that were compared. */
  readonly checked: number;
  /** Number of those that are leaked. */
  readonly leaked: number;
  /** The 100 leaked documents with the highest shares, highest first. */
  readonly examples: readonly Leak[];
}

/** Leaked documents that are listed; the others are counted. */
const LISTED = 100;

/** A document is leaked if training documents have at least this share of its sequences. */
const LEAKED_SHARE = 0.5;

/**
 * Finds held-out documents that are largely in the training documents too, whose losses say nothing about new text:
 * those of which at least half of the sequences of 13 tokens occur there (Brown et al. 2020, appendix C). Of a document
 * with a prompt, the sequences count that end in the completion. A shorter document is leaked if a training document
 * is equal to it. Takes time in proportion to the tokens, and 20 to 28 bytes a held-out token; of more than 2^22
 * held-out tokens, the first 2^22 are compared. Throws `invalid-option` and `aborted`.
 */
export function findLeaks(
  training: TokenDocuments,
  validation: TokenDocuments,
  signal?: AbortSignal,
): Promise<LeakReport> {
  return withinMemory(leaksIn(training, validation, signal));
}

async function leaksIn(
  training: TokenDocuments,
  validation: TokenDocuments,
  signal?: AbortSignal,
): Promise<LeakReport> {
  checkDocuments(training);
  checkDocuments(validation);
  checkSignal(signal);
  const slices = new Slices(signal, 'comparing the held-out data with the training data');
  const grams = new HeldOutGrams(validation);
  const short = new ShortDocuments(validation, grams.checked);
  for (let i = 0; i < training.starts.length; i++) {
    if (slices.add(training.ends[i]! - training.starts[i]!)) await slices.pause();
    if (!short.look(training, i)) grams.look(training, i);
  }
  const found = [...grams.found(), ...short.found()].filter(({ share }) => share >= LEAKED_SHARE);
  found.sort((a, b) => b.share - a.share || a.document - b.document);
  const examples = found.slice(0, LISTED).map(({ document, source, share }) => ({
    ...{ document: placeOf(validation, document), source: placeOf(training, source), share },
  }));
  return { checked: grams.checked, leaked: found.length, examples };
}
