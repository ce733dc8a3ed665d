import { withoutControls } from '../../base/visible_text.js';
import { type Column, tokenColumns, WORD_COLUMNS } from '../../examine/report/columns.js';
import { csvHead, csvLines } from '../../examine/report/csv.js';
import type { ByPosition } from '../../examine/robustness/by_position.js';
import type { Examination } from '../../examine/text/examination.js';
import type { PlacedText } from '../inputs/placed_texts.js';
import { TextOutput, writeJson } from '../terminal/output.js';
import { columnsOf, usesColors } from '../terminal/terminal.js';
import { colouredText } from './coloured_text.js';
import { positionBars } from './position_bars.js';
import { summaryText } from './summary.js';
import { tokenTable } from './token_table.js';

/** Writes examinations to stdout, one after the other. */
export interface ExamineOutput {
  text(place: PlacedText, examination: Examination): Promise<void>;
  positions(measured: ByPosition): Promise<void>;
}

/** A JSON object for each text, and one for positions. */
export const jsonOutput: ExamineOutput = {
  text: ({ file, line }, examination) => writeJson({ file, line, ...examination }),
  positions: ({ buckets }) => writeJson({ byPosition: buckets }),
};

/** CSV with one line of names for all texts; positions have no place in it. */
export function csvOutput(rows: 'tokens' | 'words', top: number): Pick<ExamineOutput, 'text'> {
  const output = new TextOutput();
  let isFirst = true;
  const write = async <T>({ file, line }: PlacedText, columns: readonly Column<T>[], items: readonly T[]) => {
    const all: Column<T>[] = [{ name: 'file', of: () => file }, { name: 'line', of: () => line }, ...columns];
    await output.write((isFirst ? csvHead(all) : '') + csvLines(all, items));
    isFirst = false;
  };
  return {
    text: (place, { tokens, words }) =>
      rows === 'words' ? write(place, WORD_COLUMNS, words) : write(place, tokenColumns(top), tokens),
  };
}

/** For people: colours on a terminal that has them, else a table; with `isShort` only the figures of each text. */
export function plainOutput(isShort: boolean): ExamineOutput {
  const hasColors = usesColors(process.stdout);
  const output = new TextOutput(hasColors);
  const shown = hasColors ? colouredText : ({ tokens }: Examination) => tokenTable(tokens);
  return {
    text: ({ file, line }, examination) =>
      output.write(
        `${withoutControls(file)}:${line}\n${isShort ? '' : `${shown(examination)}\n`}${summaryText(examination)}\n`,
      ),
    positions: ({ buckets }) => output.write(positionBars(buckets, columnsOf(process.stdout))),
  };
}
