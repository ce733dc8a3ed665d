import type { BatchShape } from '../data/batches.js';
import { countData, type DataCounts, type TokenDocuments } from '../data/token_documents.js';
import type { Duplicate } from '../duplicates/deduplicate.js';
import type { LeakReport } from '../leaks/find_leaks.js';
import { countRows, type RowCounts } from './row_counts.js';

/** Counts of the data that a run was given. */
export interface ReadCounts extends DataCounts {
  /** Number of files that the documents come from; texts that are given without a file count as one. */
  readonly files: number;
  /** Bytes of the texts in UTF-8; undefined if the data were given as tokens. */
  readonly bytes: number | undefined;
  /** Number of empty texts, which are skipped. */
  readonly empty: number;
}

/** Documents that are like earlier ones. */
export interface DuplicateCounts {
  /** Number of documents that are equal to an earlier one. */
  readonly exact: number;
  /** Number of near-duplicates, which are looked for with `deduplicate`. */
  readonly near: number;
  /** Number of these documents that are left out: all with `deduplicate`, else none. */
  readonly leftOut: number;
  /** Tokens of the documents that are left out. */
  readonly tokens: number;
  /** The first 100 near-duplicates. */
  readonly examples: readonly Duplicate[];
}

/**
 * Account of a run's data: what was read, left out, held out, cut and repeated. The numbers add up: the tokens read
 * and those that teachers wrote are those left out, held out and trained on, and so are the documents, unless a single
 * one is split. The rows hold the
 * tokens trained on, an end of text after each document, and padding, but not `rows.leftOut`.
 */
export interface DataReport {
  /** Data that the run was given. */
  readonly read: ReadCounts;
  /** Documents that are like earlier ones. */
  readonly duplicates: DuplicateCounts;
  /** Documents that are trained on. */
  readonly training: DataCounts;
  /** Documents that teachers wrote, among those that are trained on. */
  readonly written: DataCounts;
  /** Documents with a prompt, among those that are trained on, and the tokens of their prompts, which have no loss. */
  readonly prompts: DataCounts;
  /** Documents that are held out. */
  readonly heldOut: DataCounts;
  /** Rows of an epoch. */
  readonly rows: RowCounts;
  /** How often the whole run has each row: its steps times the rows of a step, over the rows of an epoch. */
  readonly epochs: number;
  /** Held-out documents that are in the training documents too. */
  readonly leaks: LeakReport;
}

/** The data of a run, and what was found in them. */
export interface CheckedData extends Pick<DataReport, 'read' | 'duplicates' | 'leaks'> {
  /** Documents that are trained on. */
  readonly training: TokenDocuments;
  /** Documents that teachers wrote, among those that are trained on, if there are any. */
  readonly written?: TokenDocuments | undefined;
  /** Documents that are held out, if there are any. */
  readonly validation: TokenDocuments | undefined;
}

/** The report of a run with these rows, which takes `rowsOfRun` of them in all. */
export function dataReport(data: CheckedData, { layout, length }: RunRows, rowsOfRun: number): DataReport {
  const { read, duplicates, leaks, training, written, validation } = data;
  const rows = countRows(training, layout, length);
  return {
    ...{ read, duplicates, training: countData(training), prompts: countPrompts(training) },
    ...{
      written: countData(written),
      heldOut: countData(validation),
      rows,
      epochs: rowsOfRun / rows.count,
      leaks,
    },
  };
}

/** The layout of a run's rows, and their tokens. */
type RunRows = Pick<BatchShape, 'layout' | 'length'>;

function countPrompts({ starts, learned }: TokenDocuments): DataCounts {
  const lengths = starts.map((start, i) => learned[i]! - start).filter((length) => length > 0);
  return { documents: lengths.length, tokens: lengths.reduce((sum, length) => sum + length, 0) };
}
