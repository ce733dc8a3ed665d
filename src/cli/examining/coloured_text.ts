import { withoutControls } from '../../base/visible_text.js';
import { LEGENDS, type Level, levelOf } from '../../examine/report/levels.js';
import type { Examination } from '../../examine/text/examination.js';

const RESET = '\u001b[0m';
/** Black on GLTR's colours in pale; rarer tokens are underlined too. */
const STYLES: Readonly<Record<Level, string>> = {
  0: '\u001b[38;5;16;48;5;194m',
  1: '',
  2: '\u001b[38;5;16;48;5;229m',
  3: '\u001b[4;38;5;16;48;5;217m',
  4: '\u001b[1;4;38;5;16;48;5;183m',
};

const painted = (text: string, level: Level | undefined) =>
  level === undefined || text === '' ? text : `${STYLES[level]}${text}${RESET}`;

/** The text with a background for the rank of each token, for a terminal with 256 colours, and a legend. */
export function colouredText({ text, tokens }: Examination): string {
  const pieces = tokens.map((token) => {
    const own = text[token.end] === '\n' ? token.text.replace(/\r$/, '') : token.text;
    const lines = withoutControls(own.replaceAll('\r\n', '\n')).split('\n');
    // A background would fill the rest of the line.
    return lines.map((line) => painted(line, levelOf('rank', token))).join('\n');
  });
  const legend = LEGENDS.rank.map(([level, meaning]) => painted(` ${meaning} `, level)).join(' ');
  return `${pieces.join('')}\n\n${legend}\n`;
}
