import { COLOURINGS } from './levels.js';
import { colourRules } from './palette.js';

const legendRules = COLOURINGS.map(
  (colouring) => `body:not(:has(#by-${colouring}:checked)) .legend.${colouring} { display: none }`,
);

/** The rules that all reports share. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1d1c1a, #e9e7e2); --muted: light-dark(#57544e, #aaa69e);
  --ground: light-dark(#ffffff, #17191b); --edge: light-dark(#c9c5bc, #43474b); --accent: light-dark(#0b6b5c, #6fd3c0);
  --p-line: light-dark(#6b3a20, #e6b498) }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem; max-width: 70rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif }
h1, h2, h3 { line-height: 1.2; overflow-wrap: anywhere }
p.note { color: var(--muted) }
fieldset { border: 1px solid var(--edge); border-radius: 6px; display: flex; flex-wrap: wrap; gap: .3rem 1.5rem }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1rem 0 }
dt { color: var(--muted); font-size: .9rem }
dd { margin: 0; font-variant-numeric: tabular-nums }
.text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; border: 1px solid var(--edge);
  border-radius: 6px; padding: 1rem; max-height: 70vh; overflow: auto; font: 1.1rem/1.9 Georgia, serif }
.text .chosen { outline: 2px solid var(--accent); outline-offset: 1px }
.text, .scroll, summary, input { scroll-margin: 1rem }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.detail { min-height: 3em }
.scroll { max-height: 70vh; overflow: auto; border: 1px solid var(--edge) }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { padding: .2rem .6rem; text-align: start; border-bottom: 1px solid var(--edge); vertical-align: top }
thead th { position: sticky; top: 0; background: var(--ground) }
.n { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap }
td:not(.n) { unicode-bidi: isolate; overflow-wrap: anywhere }
summary { cursor: pointer; padding: .4rem 0 }
.text span, .legend span, td, td span { print-color-adjust: exact }
@media print {
  :root { color-scheme: light }
  .text, .scroll { max-height: none; overflow: visible }
  thead th, tbody th { position: static }
}
`;

/** The style sheet of reports of examined texts. */
export const HTML_STYLE = `${PAGE_STYLE}
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1rem; padding: 0; list-style: none }
.legend span { padding: 0 .4rem }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1rem }
figure { margin: 0 }
figure, .positions { overflow-x: auto }
.histogram { width: 100%; min-width: 24rem; height: auto; font: 13px system-ui, sans-serif }
.by-position { width: 100%; min-width: 38rem }
.histogram text { fill: var(--ink) }
.histogram .bar { fill: var(--accent) }
${colourRules((colouring) => `body:has(#by-${colouring}:checked)`)}
${legendRules.join('\n')}
`;
