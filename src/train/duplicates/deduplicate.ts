import { checkSignal } from '../../base/check_options.js';
import { withinMemory } from '../../base/memory_error.js';
import { Slices } from '../../base/slices.js';
import { type DocumentPlace, placeOf } from '../data/document_places.js';
import { checkDocuments, countData, selectDocuments, type TokenDocuments } from '../data/token_documents.js';
import { firstEquals } from './exact_duplicates.js';
import { NearIndex } from './near_index.js';
import { type DeduplicateOptions, resolveOptions } from './options.js';

/** A document that is like an earlier one. */
export interface Duplicate {
  /** The document. */
  readonly document: DocumentPlace;
  /** The earlier one, the first that it is a near-duplicate of. */
  readonly original: DocumentPlace;
  /** Their Jaccard similarity; with a prompt, the lower one of prompt and completion. */
  readonly similarity: number;
}

/** Documents without those that are like earlier ones. */
export interface Deduplicated {
  /** The documents that are kept, in their order. */
  readonly documents: TokenDocuments;
  /** Number of documents that are equal to an earlier one. */
  readonly exact: number;
  /** Number of documents that are near-duplicates of one that is kept. */
  readonly near: number;
  /** Tokens of the documents that are not kept. */
  readonly tokens: number;
  /** The first 100 near-duplicates. */
  readonly examples: readonly Duplicate[];
  /** Pairs of documents whose shingles were compared. */
  readonly compared: number;
}

/** Near-duplicates that are listed; the others are counted. */
const LISTED = 100;

/**
 * Leaves out near-duplicates (Lee et al. 2022, "Deduplicating training data makes language models better"): in
 * the order of the data, each document that is equal to an earlier one, or whose Jaccard similarity to an
 * earlier one that was kept is `threshold` or more. So of a chain A, B, C in which only neighbours are similar,
 * A and C are kept. Candidates are found by MinHash and locality-sensitive hashing and then compared exactly:
 * nothing less similar is left out, and of pairs at the threshold 1 in 10,000 is missed, of more similar ones
 * fewer. Prompts and completions are compared apart, and both must be similar. The result is a function of the
 * documents and options. Memory: at the default threshold at most 440 bytes a document, at 0.5 at most 1,070.
 * Throws `invalid-option` and `aborted`.
 */
export function deduplicateDocuments(
  documents: TokenDocuments,
  options: DeduplicateOptions = {},
  signal?: AbortSignal,
): Promise<Deduplicated> {
  return withinMemory(deduplicated(documents, options, signal));
}

async function deduplicated(
  documents: TokenDocuments,
  options: DeduplicateOptions,
  signal?: AbortSignal,
): Promise<Deduplicated> {
  checkDocuments(documents);
  checkSignal(signal);
  const index = new NearIndex(documents, resolveOptions(options));
  const slices = new Slices(signal, 'looking for duplicates');
  const first = firstEquals(documents);
  const kept: number[] = [];
  const examples: Duplicate[] = [];
  let exact = 0;
  for (let i = 0; i < first.length; i++) {
    if (first[i] !== i) {
      exact++;
      continue;
    }
    if (slices.add(20 * (documents.ends[i]! - documents.starts[i]!))) await slices.pause();
    const near = index.findOrAdd(i);
    if (near === undefined) kept.push(i);
    else if (examples.length < LISTED) {
      const [document, original] = [placeOf(documents, i), placeOf(documents, near.document)];
      examples.push({ document, original, similarity: near.similarity });
    }
  }
  const left = selectDocuments(documents, Int32Array.from(kept));
  return {
    ...{ documents: left, exact, near: first.length - exact - kept.length, examples },
    tokens: countData(documents).tokens - countData(left).tokens,
    compared: index.compared,
  };
}
