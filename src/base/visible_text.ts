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

/** The bytes of a token as `visibleText` shows them; in hexadecimal, such as `<E2 80>`, if they are no whole characters. */
export function visibleBytes(bytes: Uint8Array): string {
  try {
    return visibleText(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return `<${hexadecimal(bytes)}>`;
  }
}

/** Bytes as two hexadecimal digits each, with spaces between them. */
export function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ');
}
