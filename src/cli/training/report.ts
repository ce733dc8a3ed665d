import { counted } from '../../base/counted.js';
import { humanBytes } from '../../base/human_bytes.js';
import type { DataCounts } from '../../train/data/token_documents.js';
import type { DataReport } from '../../train/report/data_report.js';
import type { Trainer } from '../../train/trainer.js';
import { jsonText, writeNewFile } from '../outputs/new_file.js';
import { note, writeJson } from '../terminal/output.js';
import type { TrainValues } from './flags.js';
import type { SkippedTexts } from './skipped_texts.js';

/** The report of a run of the command line. */
export interface RunReport extends DataReport {
  /** Texts that were skipped while files were found and read. */
  readonly skipped: SkippedTexts;
}

/** Leaks and near-duplicates that the table names. */
const NAMED = 5;

/** Prints the report of a run, and writes it to the file that `--report` names, if it was asked for. */
export async function reportRun(
  trainer: Trainer,
  { report, json }: TrainValues,
  skipped: SkippedTexts,
): Promise<void> {
  if (report === undefined) return;
  const all: RunReport = { ...trainer.report, skipped };
  note(reportTable(all));
  if (json) await writeJson({ report: all });
  if (report !== true) await writeNewFile(report, jsonText(all), true);
}

/** The report as lines of two columns. */
export function reportTable(report: RunReport): string {
  const { read, skipped, duplicates, training, written, prompts, heldOut, rows, epochs, leaks } = report;
  const bytes = read.bytes === undefined ? '' : `, ${humanBytes(read.bytes)}`;
  const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;
  const lines = [
    ['read', `${counted(read.files, 'file')}, ${countsOf(read)}${bytes}`],
    [
      'skipped',
      `${counted(skipped.files.length, 'file')}, ${counted(skipped.empty, 'empty document')}, ` +
        counted(skipped.invalid, 'invalid line'),
      ...skipped.listed.slice(0, NAMED).map(({ file, line, reason }) => `${file} line ${line} ${reason}`),
    ],
    [
      'duplicates',
      `${counted(duplicates.exact, 'document')} equal to earlier ones, ${counted(duplicates.near, 'near-duplicate')}; ` +
        `left out: ${countsOf({ documents: duplicates.leftOut, tokens: duplicates.tokens })}`,
      ...duplicates.examples.slice(0, NAMED).map(({ document, original, similarity }) => {
        return `${document.file} line ${document.line}: ${share(similarity, 1)} as ${original.file} line ${original.line}`;
      }),
    ],
    ['held out', countsOf(heldOut)],
    [
      'leaks',
      `${counted(leaks.leaked, 'held-out document')} of ${leaks.checked} in training documents too`,
      ...leaks.examples.slice(0, NAMED).map(({ document, source, share: part }) => {
        return `${document.file} line ${document.line}: ${share(part, 1)}, most in ${source.file} line ${source.line}`;
      }),
    ],
    ['to learn', countsOf(training)],
    ...(written.documents > 0 ? [['written', `${countsOf(written)}, by teachers`]] : []),
    ['prompts', `${countsOf(prompts)}, without a loss`],
    [
      'rows',
      `${counted(rows.count, 'row')} of ${counted(rows.length, 'token')}; ${counted(rows.learned, 'token')} with a loss, ` +
        `${share(rows.padding, rows.count * rows.length)} padding`,
    ],
    [
      'cut',
      `${counted(rows.cut, 'document')} longer than a row, ${counted(rows.cutPrompts, 'prompt')} as long as a row; ` +
        `${counted(rows.leftOut, 'token')} of prompts left out`,
    ],
    ['repeated', `each row ${Number(epochs.toPrecision(3))} times`],
  ];
  return lines
    .flatMap(([name, ...facts]) => facts.map((fact, i) => `  ${(i === 0 ? name! : '').padEnd(12)}${fact}`))
    .join('\n');
}

const countsOf = ({ documents, tokens }: DataCounts) =>
  `${counted(documents, 'document')}, ${counted(tokens, 'token')}`;
