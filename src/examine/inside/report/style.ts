import { PAGE_STYLE } from '../../report/html_style.js';

/** The style sheet of reports of what is inside a model. The ink has a contrast of more than 4.5 on each shade. */
export const INSIDE_STYLE = `${PAGE_STYLE}
.s1 { background: light-dark(#e9f1fb, #1c2a3a) }
.s2 { background: light-dark(#cfe2f7, #1c3a58) }
.s3 { background: light-dark(#b0d0f2, #1d4a75) }
.s4 { background: light-dark(#93bdea, #225a90) }
:is(.s1, .s2, .s3, .s4) { forced-color-adjust: none; color: var(--ink) }
.grid { width: auto }
.grid th, .grid td { white-space: pre; border: 1px solid var(--edge); padding: .2rem .4rem }
.grid td { cursor: pointer; min-width: 3rem; unicode-bidi: isolate }
.grid tbody th { position: sticky; inset-inline-start: 0; background: var(--ground) }
.grid thead th { font-weight: normal }
.grid [aria-selected] { outline: 3px solid var(--accent); outline-offset: -3px }
.text span { cursor: pointer }
.bars td.bar { width: 50%; min-width: 8rem }
.bars td.bar span { display: block; height: .9em; background: var(--accent);
  forced-color-adjust: none }
.bars td.bar span.less { background: var(--p-line) }
`;
