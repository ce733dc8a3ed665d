import { make } from './dom.js';

/** A field with its label and the meaning of its value, which describes it to screen readers. */
export function control(id: string, label: string, field: HTMLElement, meaning: string): HTMLElement {
  field.setAttribute('aria-describedby', `${id}-meaning`);
  return make(
    'div',
    { class: 'control' },
    make('label', { for: id }, label),
    field,
    make('p', { id: `${id}-meaning`, class: 'meaning' }, meaning),
  );
}
