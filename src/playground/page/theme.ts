import { byId } from './dom.js';
import { keep, readKept } from './local_storage.js';

const KEY = 'gpt2-wasm-theme';

/** Applies the chosen theme (light, dark or that of the system), and stores the choice. */
export function startTheme(): void {
  const select = byId('theme', HTMLSelectElement);
  const apply = (theme: string) => {
    document.documentElement.dataset.theme = theme;
  };
  select.value = readKept(KEY) ?? '';
  apply(select.value);
  select.addEventListener('change', () => {
    apply(select.value);
    keep(KEY, select.value);
  });
}
