import { byId, make } from '../page/dom.js';

const BEGINNINGS = ['Once upon a time', 'Lily saw a big dog', 'One day, the little bird'];

/** Fills the fieldset of buttons that begin an empty text. */
export function makeStarters(onStart: (text: string) => void): HTMLElement {
  const box = byId('starters', HTMLElement);
  for (const text of BEGINNINGS) {
    const starter = make('button', { type: 'button', class: 'quiet' }, text);
    starter.addEventListener('click', () => onStart(text));
    box.append(starter);
  }
  return box;
}
