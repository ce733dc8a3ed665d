const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as content, or quoted value of an attribute, of HTML and XML. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** A text as content of an element of XML, which allows no control characters, not even escaped ones. */
export function escapeText(text: string): string {
  return escapeMarkup(text.replace(/\p{Cc}/gu, ' '));
}
