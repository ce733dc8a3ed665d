import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames } from '../../base/check_options.js';
import {
  boundsOf,
  drawable,
  type LossCurve,
  type LossPoint,
  thinned,
  ticks,
  tickText,
} from './loss_curve.js';

/** How a loss curve is drawn in a terminal. */
export interface TerminalOptions {
  /** Columns of the terminal; at least 30 are used. */
  readonly columns: number;
  /** Lines of the curve itself; two more are for the axis and the legend. Default 12. */
  readonly rows?: number;
  /** Whether to use ANSI colours. */
  readonly colors: boolean;
}

/** A Braille character has 4 rows of 2 dots; these are its bits, by row and column. */
const BRAILLE = 0x2800;
const DOT_BITS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
/** Limit of columns and of rows, above those of any terminal. */
const MOST_CHARACTERS = 10_000;
const VALIDATION_MARK = '●';
const BLUE = '\u001b[34m';
const YELLOW = '\u001b[33m';
const RESET = '\u001b[0m';
const COLORS = new RegExp([BLUE, YELLOW, RESET].map((code) => code.replace('[', '\\[')).join('|'), 'g');

/** The curve as lines of text, '' if no step has a loss: training as a line of dots, validation as marks. */
export function lossCurveText(curve: LossCurve, options: TerminalOptions): string {
  checkOptionNames('lossCurveText', options, ['columns', 'rows', 'colors']);
  const { columns, rows = 12, colors } = options;
  checkNumber('columns', columns, whole(0, MOST_CHARACTERS));
  checkNumber('rows', rows, whole(1, MOST_CHARACTERS));
  const { training, validation } = drawable(curve);
  if (training.length + validation.length === 0) return '';
  const bounds = boundsOf({ training, validation });
  const { firstStep, lastStep, lowest, highest } = bounds;
  const lossTicks = ticks(lowest, highest, Math.max(2, Math.floor(rows / 2)));
  const labelWidth = Math.max(0, ...lossTicks.map((tick) => tickText(tick).length));
  const width = Math.max(30, columns) - labelWidth - 2;
  const xOf = (step: number, size: number) =>
    Math.round(((step - firstStep) / (lastStep - firstStep)) * (size - 1));
  const yOf = (loss: number, size: number) =>
    Math.round(((highest - loss) / (highest - lowest)) * (size - 1));

  const dots = drawDots(thinned(training, 2 * width, bounds), width, rows, xOf, yOf);
  const paint = (color: string, text: string) => (colors ? `${color}${text}${RESET}` : text);
  const cells = dots.map((row) =>
    Array.from(row, (bits) => (bits === 0 ? ' ' : paint(BLUE, String.fromCharCode(BRAILLE + bits)))),
  );
  for (const { step, loss } of thinned(validation, width, bounds)) {
    cells[yOf(loss, rows)]![xOf(step, width)] = paint(YELLOW, VALIDATION_MARK);
  }

  const labels = new Map(lossTicks.map((tick) => [yOf(tick, rows), tickText(tick)]));
  const lines = cells.map((row, y) => {
    const label = labels.get(y);
    return `${(label ?? '').padStart(labelWidth)} ${label === undefined ? '│' : '┤'}${row.join('')}`.trimEnd();
  });
  const ends = [`step ${tickText(firstStep)}`, tickText(lastStep)] as const;
  const axis = `${ends[0]} ${'─'.repeat(Math.max(1, width - ends[0].length - ends[1].length - 2))} ${ends[1]}`;
  const legend = [
    training.length > 0 ? paint(BLUE, `⣀⡠⠔ training ${lossText(training)}`) : '',
    validation.length > 0 ? paint(YELLOW, `${VALIDATION_MARK} validation ${lossText(validation)}`) : '',
  ].filter((part) => part !== '');
  const indent = ' '.repeat(labelWidth + 1);
  // Colour codes take no column, so the width of the legend is measured without them.
  const legendWidth = legend.join('   ').replaceAll(COLORS, '').length;
  const legendLines = legendWidth <= width ? [legend.join('   ')] : legend;
  return `${[...lines, `${indent}└${axis}`, ...legendLines.map((line) => `${indent} ${line}`)].join('\n')}\n`;
}

/** Draws a line through the points, as the bits of each Braille character. */
function drawDots(
  points: readonly LossPoint[],
  width: number,
  rows: number,
  xOf: (step: number, size: number) => number,
  yOf: (loss: number, size: number) => number,
): Uint8Array[] {
  const cells = Array.from({ length: rows }, () => new Uint8Array(width));
  const set = (x: number, y: number) => {
    cells[y >> 2]![x >> 1]! |= DOT_BITS[y & 3]![x & 1]!;
  };
  let [lastX, lastY] = [-1, -1];
  for (const { step, loss } of points) {
    const x = xOf(step, 2 * width);
    const y = yOf(loss, 4 * rows);
    const steps = lastX === -1 ? 0 : Math.max(x - lastX, Math.abs(y - lastY));
    for (let i = 1; i < steps; i++) {
      set(Math.round(lastX + ((x - lastX) * i) / steps), Math.round(lastY + ((y - lastY) * i) / steps));
    }
    set(x, y);
    [lastX, lastY] = [x, y];
  }
  return cells;
}

function lossText(points: readonly LossPoint[]): string {
  return points.at(-1)!.loss.toFixed(4);
}
