import { humanBytes } from '../../base/human_bytes.js';
import { make } from '../page/dom.js';

export interface StoredRowEvents {
  onLoad(): void;
  onDelete(): Promise<void>;
  /** Deleting failed. */
  onError(error: unknown): void;
}

/**
 * A row in a list of stored models: a button that loads the model, its size, and a button that deletes it.
 */
export function storedRow(name: string, byteLength: number, events: StoredRowEvents): HTMLElement {
  const load = make('button', { type: 'button', class: 'quiet' }, name);
  load.addEventListener('click', () => events.onLoad());
  const attributes = { type: 'button', class: 'quiet', 'aria-label': `Delete ${name}` };
  const remove = make('button', attributes, 'Delete');
  remove.addEventListener('click', () => events.onDelete().catch((error) => events.onError(error)));
  return make('li', {}, load, make('span', {}, humanBytes(byteLength)), remove);
}
