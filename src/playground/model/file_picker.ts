import { make } from '../page/dom.js';

/** A button that opens the system's dialog for files. `onPick` gets the chosen files. */
export function filePicker(
  id: string,
  label: string,
  attributes: Readonly<Record<string, string | boolean>>,
  onPick: (files: readonly File[]) => void,
): HTMLElement {
  const input = make('input', {
    ...{ id, type: 'file', class: 'hidden', tabindex: '-1' },
    // Screen readers read the button alone.
    ...{ 'aria-label': label, 'aria-hidden': 'true' },
    ...attributes,
  });
  const button = make('button', { type: 'button' }, label);
  button.addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = '';
    onPick(files);
  });
  return make('span', {}, button, input);
}
