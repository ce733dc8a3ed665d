export type Direction = 'undo' | 'redo';

const INPUT_TYPES: Readonly<Record<string, Direction>> = { historyUndo: 'undo', historyRedo: 'redo' };

/**
 * Calls `onStep` instead of the undo and redo of the browser: from its menus, and with keys outside of other
 * fields.
 */
export function listenForUndo(area: HTMLTextAreaElement, onStep: (direction: Direction) => void): void {
  area.addEventListener('beforeinput', (event) => {
    const direction = INPUT_TYPES[event.inputType];
    if (direction === undefined) return;
    event.preventDefault();
    onStep(direction);
  });
  document.addEventListener('keydown', (event) => {
    const direction = directionOf(event, area);
    if (direction === undefined) return;
    event.preventDefault();
    onStep(direction);
  });
}

/** Control or Command with Z undoes; with Shift and Z, or with Y, it redoes. */
function directionOf(event: KeyboardEvent, area: HTMLTextAreaElement): Direction | undefined {
  const target = event.target as Element;
  if (!area.checkVisibility() || !(event.ctrlKey || event.metaKey) || event.altKey) return undefined;
  if (target !== area && target.matches('input, textarea, select')) return undefined;
  const key = event.key.toLowerCase();
  if (key !== 'z' && key !== 'y') return undefined;
  return key === 'y' || event.shiftKey ? 'redo' : 'undo';
}
