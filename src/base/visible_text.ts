const FIRST_PICTURE = 0x2400;
const DELETE = 0x7f;

/**
 * A text without control characters other than line feeds and tabs: a terminal would obey them, and files of markup
 * must not have them. Each is replaced by its picture in Unicode, or by U+FFFD if it has none.
 */
export function withoutControls(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, (character) => {
    const code = character.charCodeAt(0);
    if (code === DELETE) return '\u2421';
    return code < 0x20 ? String.fromCharCode(FIRST_PICTURE + code) : '\ufffd';
  });
}

/** A short text on one line, with line breaks, tabs and the spaces around it made visible. */
export function visibleText(text: string): string {
  return withoutControls(text)
    .replaceAll('\n', '\u21b5')
    .replaceAll('\t', '\u21e5')
    .replace(/^ +/, (spaces) => '\u00b7'.repeat(spaces.length))
    .replace(/ $/, '\u00b7');
}
