import { byId } from './dom.js';

/** Accepts files dropped anywhere on the page. `hint` is shown while they are dragged over it. */
export function startDropping(hint: () => string, onDrop: (transfer: DataTransfer) => void): void {
  const zone = byId('drop', HTMLElement);
  const text = byId('drop-text', HTMLElement);
  addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    text.textContent = hint();
    zone.hidden = false;
  });
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) zone.hidden = true;
  });
  addEventListener('drop', (event) => {
    zone.hidden = true;
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    onDrop(event.dataTransfer);
  });
}
