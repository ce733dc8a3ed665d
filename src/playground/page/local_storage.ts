// Values that the browser keeps for this page. A browser that denies storage keeps none, and the page works without.
import { byId } from './dom.js';

/** The value that was kept under a name. */
export function readKept(name: string): string | undefined {
  try {
    return localStorage.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a value; false if the browser does not, because storage is denied or full. */
export function keep(name: string, value: string): boolean {
  try {
    localStorage.setItem(name, value);
    return true;
  } catch {
    return false;
  }
}

/** What was kept under a name by `keep` as JSON; an empty object if that is no JSON object. */
export function readKeptObject(name: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readKept(name) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A check box that the browser remembers; `apply` is called with its state now and at each change. */
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
