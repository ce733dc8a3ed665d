import { byId } from './dom.js';

const KEY = 'gpt2-wasm-theme';

/** Light, dark or as the system has it; remembered where the browser lets a page remember. */
export function startTheme(): void {
  const select = byId('theme', HTMLSelectElement);
  const apply = (theme: string) => {
    document.documentElement.dataset.theme = theme;
  };
  try {
    select.value = localStorage.getItem(KEY) ?? '';
  } catch {}
  apply(select.value);
  select.addEventListener('change', () => {
    apply(select.value);
    try {
      localStorage.setItem(KEY, select.value);
    } catch {}
  });
}
