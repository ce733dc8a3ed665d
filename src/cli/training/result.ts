import { counted } from '../../base/counted.js';
import { threeDigits } from '../../base/human_bytes.js';
import { humanTime } from '../../base/human_time.js';
import { folderTarget } from '../../files/folder/folder_target.js';
import type { DataCounts } from '../../train/data/token_documents.js';
import { lossCurveSvg } from '../../train/plot/svg.js';
import { lossCurveText } from '../../train/plot/terminal.js';
import type { Trainer } from '../../train/trainer.js';
import { note, noteWithColors, writeJson } from '../terminal/output.js';
import { columnsOf, usesColors } from '../terminal/terminal.js';
import type { TrainValues } from './flags.js';

/** Data files that were read, and files that were skipped. */
export interface ReadData {
  readonly files: number;
  readonly skipped: readonly string[];
}

/** One line about the data of a run. */
export function dataSummary(files: number, { training, validation, written }: Trainer['data']): string {
  const counts = ({ documents, tokens }: DataCounts) =>
    `${counted(documents, 'document')}, ${counted(tokens, 'token')}`;
  const held = validation.documents > 0 ? `; held out: ${counts(validation)}` : '';
  const own = written.documents > 0 ? `, of which teachers wrote ${counts(written)}` : '';
  return `read ${counted(files, 'file')}; to learn from: ${counts(training)}${own}${held}`;
}

/** Writes the trained model and its loss curve, deletes the training states, and prints the figures. */
export async function saveResult(
  trainer: Trainer,
  { out, json, quiet }: TrainValues,
  read: ReadData,
): Promise<void> {
  const { curve } = trainer;
  const target = folderTarget(out);
  await target.write('loss.svg', [new TextEncoder().encode(lossCurveSvg(curve, `Loss of ${out}`))]);
  await trainer.save(target);
  await trainer.deleteStates();
  const validationLoss = curve.validation.at(-1)?.loss;
  const best = Math.min(...curve.validation.map(({ loss }) => loss));
  if (json) {
    const loss = curve.training.at(-1)?.loss;
    await writeJson({ out, steps: trainer.step, loss, validationLoss, ...read, data: trainer.data });
  }
  if (quiet) return;
  const { stderr } = process;
  noteWithColors(lossCurveText(curve, { columns: columnsOf(stderr), colors: usesColors(stderr) }));
  const held =
    validationLoss === undefined ? '' : `, best held-out perplexity ${threeDigits(Math.exp(best))}`;
  note(`${out}: trained for ${counted(trainer.step, 'step')} in ${humanTime(process.uptime())}${held}`);
}
