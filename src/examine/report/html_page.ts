import { escapeMarkup } from '../../base/markup.js';
import { withoutControls } from '../../base/visible_text.js';

/** A page of markup: all but the title is markup already. */
export interface HtmlPage {
  readonly title: string;
  /** A sentence or two below the title. */
  readonly note: string;
  readonly body: string;
  readonly style: string;
  readonly script: string;
  /** `sha256-` and the hash of the script in base64. */
  readonly scriptHash: string;
}

/** A text as it is shown: without controls, and as text of markup. */
export const shown = (text: string): string => escapeMarkup(withoutControls(text));

/** A page that is one file: only its script runs, which cannot make markup of a text, and nothing is fetched. */
export function htmlPage({ title, note, body, style, script, scriptHash }: HtmlPage): string {
  const policy =
    "default-src 'none'; style-src 'unsafe-inline'; " +
    `script-src '${scriptHash}'; base-uri 'none'; form-action 'none'; ` +
    "require-trusted-types-for 'script'; trusted-types 'none'";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>${shown(title)}</title>
<style>${style}</style>
</head>
<body>
<header><h1 dir="auto">${shown(title)}</h1>
<p class="note">${note}</p></header>
${body}
<script>${script}</script>
</body>
</html>
`;
}
