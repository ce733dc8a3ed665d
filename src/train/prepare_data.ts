import type { ModelConfig } from '../architecture/gpt2/config.js';
import { counted } from '../base/counted.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { DocumentPlace } from './data/document_places.js';
import { splitDocuments } from './data/split_documents.js';
import { countData, type TokenDocuments } from './data/token_documents.js';
import { deduplicateDocuments } from './duplicates/deduplicate.js';
import { firstEquals } from './duplicates/exact_duplicates.js';
import { checkTokens } from './end_token.js';
import { findLeaks, type LeakReport } from './leaks/find_leaks.js';
import type { CheckedData, DuplicateCounts } from './report/data_report.js';
import type { ResolvedOptions } from './trainer_options.js';
import { encodeData, TextCounts } from './training_data.js';

/** The data of a run. */
export interface PreparedData extends CheckedData {
  /** All documents, without those that are left out. */
  readonly documents: TokenDocuments;
  /** Facts to be shown before the first step, a sentence each. */
  readonly notes: readonly string[];
}

/** Examples that a note names. */
const NAMED = 3;

/** Reads and encodes the data of a run, leaves out near-duplicates, and splits them. Throws as `Trainer.create` does. */
export async function prepareData(
  options: ResolvedOptions,
  config: ModelConfig,
  tokenizer: Tokenizer,
): Promise<PreparedData> {
  const { signal, seed } = options;
  const texts = new TextCounts();
  const given = await encodeData(options.data, tokenizer, signal, texts);
  checkTokens(given.tokens, config, tokenizer);
  const files = given.places?.files.length ?? 1;
  const read = { files, ...countData(given), bytes: texts.bytes, empty: texts.empty };
  const { documents, duplicates } = await withoutDuplicates(given, options);
  const { training, validation } = splitDocuments(documents, options.validation, seed);
  const leaks =
    validation === undefined
      ? { checked: 0, leaked: 0, examples: [] }
      : await findLeaks(training, validation, signal);
  const notes = [...duplicateNotes(duplicates, read.documents), ...leakNotes(leaks, options)];
  return { documents, training, validation, read, duplicates, leaks, notes };
}

async function withoutDuplicates(
  given: TokenDocuments,
  { deduplicate, signal }: ResolvedOptions,
): Promise<{ readonly documents: TokenDocuments; readonly duplicates: DuplicateCounts }> {
  if (deduplicate === undefined) {
    const exact = firstEquals(given).reduce((sum, first, i) => sum + (first === i ? 0 : 1), 0);
    return { documents: given, duplicates: { exact, near: 0, leftOut: 0, tokens: 0, examples: [] } };
  }
  const found = await deduplicateDocuments(given, deduplicate, signal);
  const { documents, exact, near, tokens, examples } = found;
  return { documents, duplicates: { exact, near, leftOut: exact + near, tokens, examples } };
}

function duplicateNotes({ exact, near, leftOut, examples }: DuplicateCounts, documents: number): string[] {
  if (leftOut === 0) return [];
  const named = examples.slice(0, NAMED).map(({ document, original, similarity }) => {
    return `${nameOf(document)} (${percent(similarity)} as ${nameOf(original)})`;
  });
  return [
    `left out ${leftOut} of ${counted(documents, 'document')}: ${exact} equal to an earlier one, ` +
      `${counted(near, 'near-duplicate')}${named.length === 0 ? '' : `, such as ${named.join(', ')}`}`,
  ];
}

function leakNotes({ checked, leaked, examples }: LeakReport, { deduplicate }: ResolvedOptions): string[] {
  if (leaked === 0) return [];
  const named = examples.slice(0, NAMED).map(({ document, source, share }) => {
    return `${nameOf(document)} (${percent(share)}, most in ${nameOf(source)})`;
  });
  const advice = deduplicate === undefined ? '; set deduplicate to leave out documents that are alike' : '';
  return [
    `${leaked} of ${counted(checked, 'held-out document')} ${leaked === 1 ? 'has' : 'have'} half or more of the ` +
      'sequences of 13 tokens in common with training documents, so that their loss looks better than that of ' +
      `new text: ${named.join(', ')}${advice}`,
  ];
}

function nameOf({ file, line }: DocumentPlace): string {
  return `${file} line ${line}`;
}

function percent(share: number): string {
  return `${Math.floor(100 * share)} %`;
}
