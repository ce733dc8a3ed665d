import { visibleText } from '../../base/visible_text.js';

const MOST_SHOWN = 60;

/** The beginning of a text, in a form that a terminal can show. */
export function short(text: string): string {
  const characters = [...text.slice(0, 2 * MOST_SHOWN)];
  const shown = characters.length > MOST_SHOWN ? [...characters.slice(0, MOST_SHOWN), '...'] : characters;
  return visibleText(shown.join(''));
}
