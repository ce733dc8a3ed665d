import { make } from '../page/dom.js';

/** A part of the view that is opened when it is wanted. */
export function part(title: string, ...content: (Node | string)[]): HTMLDetailsElement {
  return make('details', { class: 'part' }, make('summary', {}, title), ...content);
}
