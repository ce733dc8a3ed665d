import type { ExaminedToken } from '../text/examination.js';
import { COLOURINGS, type Colouring, LEGENDS, type Level, levelOf } from './levels.js';

/** Backgrounds of levels 0 to 4, light and dark; the ink has a contrast of more than 4.5 on each. */
const COLOURS = {
  // Those of GLTR: green, yellow, red, purple.
  rank: ['#cdeccb #1d4426', '', '#fbe8a6 #4f4413', '#f8bfb4 #6b2a22', '#dcc8f3 #4b3170'],
  probability: ['', '#fdf4d9 #2f2c1d', '#fce4b0 #463a17', '#f9cb9c #5c3a18', '#f4b2a5 #6e2f26'],
  entropy: ['', '#e9f1fb #1c2a3a', '#cfe2f7 #1c3a58', '#b0d0f2 #1d4a75', '#93bdea #225a90'],
} as const;

/** Lines under levels 2 to 4, which can be told apart without colours. */
const LINES = ['', '', 'dotted', 'dashed', 'solid'];

/** The class of a level of a measure. */
export const classOf = (colouring: Colouring, level: Level): string => `${colouring[0]}${level}`;

/** The classes of a token for all measures; '' if it is not scored. */
export function classesOf(token: ExaminedToken): string {
  const classes = COLOURINGS.flatMap((colouring) => {
    const level = levelOf(colouring, token);
    return level === undefined ? [] : [classOf(colouring, level)];
  });
  return classes.join(' ');
}

/**
 * The rules of a style sheet for the classes of all levels. `within(colouring)` is a selector that is true while the
 * colours show that measure; `--p-line` is the colour of the lines.
 */
export function colourRules(within: (colouring: Colouring) => string): string {
  const rules = COLOURINGS.flatMap((colouring) =>
    LEGENDS[colouring].map(([level]) => {
      const [light, dark] = COLOURS[colouring][level]!.split(' ');
      const ground = light ? `background: light-dark(${light}, ${dark});` : '';
      const under = LINES[level] && `text-decoration: 2px underline ${LINES[level]} var(--p-line);`;
      return `${within(colouring)} .${classOf(colouring, level)} { ${ground} ${under} }`;
    }),
  );
  return rules.join('\n');
}
