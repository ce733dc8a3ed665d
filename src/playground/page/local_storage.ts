// Values that the browser stores for this page. The page also works if the browser denies storage.
import { byId } from './dom.js';

/** The stored value of a key. */
export function readKept(name: string): string | undefined {
  try {
    return localStorage.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Stores a value. Gives false if storage is denied or full. */
export function keep(name: string, value: string): boolean {
  try {
    localStorage.setItem(name, value);
    return true;
  } catch {
    return false;
  }
}

/** The stored JSON object of a key; an empty object if there is none. */
export function readKeptObject(name: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readKept(name) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Stores the state of a check box. `apply` is called with the stored state now, and after each change. */
export function rememberSwitch(id: string, apply: (isOn: boolean) => void = () => {}): void {
  const box = byId(id, HTMLInputElement);
  const key = `gpt2-wasm-${id}`;
  const kept = readKept(key);
  if (kept !== undefined) box.checked = kept === 'true';
  box.addEventListener('change', () => {
    keep(key, String(box.checked));
    apply(box.checked);
  });
  apply(box.checked);
}
