import { make } from './dom.js';

/** The button of a view that starts its work, and stops it while it is in progress. */
export class StartButton {
  readonly element = make(
    'button',
    { type: 'button', class: 'primary', 'aria-keyshortcuts': 'Control+Enter Meta+Enter' },
    'Start',
  );

  constructor(onClick: () => void) {
    this.element.addEventListener('click', onClick);
  }

  get isEnabled(): boolean {
    return !this.element.disabled;
  }

  /** Shows whether work is in progress, or else whether it can start. */
  show(isBusy: boolean, canStart: boolean): void {
    this.element.textContent = isBusy ? 'Stop' : 'Start';
    this.element.classList.toggle('stop', isBusy);
    this.element.disabled = !isBusy && !canStart;
  }
}
