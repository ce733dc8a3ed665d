import { COLOURINGS, LEGENDS } from './levels.js';

/** Backgrounds of levels 0 to 4, light and dark; the ink has a contrast of more than 4.5 on each. */
const COLOURS = {
  // Those of GLTR: green, yellow, red, purple.
  rank: ['#cdeccb #1d4426', '', '#fbe8a6 #4f4413', '#f8bfb4 #6b2a22', '#dcc8f3 #4b3170'],
  probability: ['', '#fdf4d9 #2f2c1d', '#fce4b0 #463a17', '#f9cb9c #5c3a18', '#f4b2a5 #6e2f26'],
  entropy: ['', '#e9f1fb #1c2a3a', '#cfe2f7 #1c3a58', '#b0d0f2 #1d4a75', '#93bdea #225a90'],
} as const;

/** Lines under levels 2 to 4, which can be told apart without colours. */
const LINES = ['', '', 'dotted', 'dashed', 'solid'];

const colourRules = COLOURINGS.flatMap((colouring) =>
  LEGENDS[colouring].map(([level]) => {
    const [light, dark] = COLOURS[colouring][level]!.split(' ');
    const ground = light ? `background: light-dark(${light}, ${dark});` : '';
    const under = LINES[level] && `text-decoration: 2px underline ${LINES[level]} var(--line);`;
    return `body:has(#by-${colouring}:checked) .${colouring[0]}${level} { ${ground} ${under} }`;
  }),
);
const legendRules = COLOURINGS.map(
  (colouring) => `body:not(:has(#by-${colouring}:checked)) .legend.${colouring} { display: none }`,
);

/** The style sheet of reports. */
export const HTML_STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1d1c1a, #e9e7e2); --muted: light-dark(#57544e, #aaa69e);
  --ground: light-dark(#ffffff, #17191b); --edge: light-dark(#c9c5bc, #43474b); --accent: light-dark(#0b6b5c, #6fd3c0);
  --line: light-dark(#6b3a20, #e6b498) }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem; max-width: 70rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif }
h1, h2, h3 { line-height: 1.2; overflow-wrap: anywhere }
p.note { color: var(--muted) }
fieldset { border: 1px solid var(--edge); border-radius: 6px; display: flex; flex-wrap: wrap; gap: .3rem 1.5rem }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1rem 0 }
dt { color: var(--muted); font-size: .9rem }
dd { margin: 0; font-variant-numeric: tabular-nums }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1rem; padding: 0; list-style: none }
.legend span { padding: 0 .4rem }
.text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; border: 1px solid var(--edge);
  border-radius: 6px; padding: 1rem; max-height: 70vh; overflow: auto; font: 1.1rem/1.9 Georgia, serif }
.text .chosen { outline: 2px solid var(--accent); outline-offset: 1px }
.text, .scroll, summary, input { scroll-margin: 1rem }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.detail { min-height: 3em }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem }
figure { margin: 0 }
.histogram { width: 100%; height: auto; font: 11px system-ui, sans-serif }
.histogram text { fill: var(--ink) }
.histogram .bar { fill: var(--accent) }
.scroll { max-height: 70vh; overflow: auto; border: 1px solid var(--edge) }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { padding: .2rem .6rem; text-align: start; border-bottom: 1px solid var(--edge); vertical-align: top }
thead th { position: sticky; top: 0; background: var(--ground) }
.n { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap }
td:not(.n) { unicode-bidi: isolate; overflow-wrap: anywhere }
summary { cursor: pointer; padding: .4rem 0 }
@media print { .text, .scroll { max-height: none } }
${colourRules.join('\n')}
${legendRules.join('\n')}
`;
