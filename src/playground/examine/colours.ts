import { colourRules } from '../../examine/report/palette.js';

/** Gives the page the colours of reports, for elements in one with the attribute `data-colours`. */
export function adoptColours(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(colourRules((colouring) => `[data-colours="${colouring}"]`));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
