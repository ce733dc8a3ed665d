import { humanBytes } from '../../base/human_bytes.js';
import type { LoadProgress } from '../../checkpoints/load_weights.js';
import type { DownloadProgress } from '../../files/source.js';
import { byId } from '../page/dom.js';

const percentText = (loaded: number, total: number) => `${Math.floor((100 * loaded) / Math.max(1, total))} %`;

/** Shows the progress of loading a model. */
export class LoadingBar {
  readonly #box = byId('loading', HTMLElement);
  readonly #text = byId('loading-text', HTMLElement);
  readonly #bar = byId('loading-bar', HTMLProgressElement);

  constructor(cancel: () => void) {
    byId('loading-cancel', HTMLButtonElement).addEventListener('click', cancel);
  }

  begin(name: string): void {
    this.#text.textContent = `Looking for ${name}`;
    this.#bar.removeAttribute('value');
    this.#box.hidden = false;
  }

  download({ file, loaded, total, cached }: DownloadProgress): void {
    const kept = cached > 0 ? `, ${humanBytes(cached)} from the cache` : '';
    this.#show(`Downloading ${file}: ${humanBytes(loaded)} of ${humanBytes(total)}${kept}`, loaded, total);
  }

  read({ loaded, total }: LoadProgress): void {
    this.#show(`Reading weights: ${humanBytes(loaded)} of ${humanBytes(total)}`, loaded, total);
  }

  end(): void {
    this.#box.hidden = true;
  }

  #show(text: string, loaded: number, total: number): void {
    this.#text.textContent = `${text} (${percentText(loaded, total)})`;
    this.#bar.value = total > 0 ? loaded / total : 0;
  }
}
