import { humanBytes } from '../../base/human_bytes.js';
import { isMedia } from '../describe/media_files.js';
import { byId, make } from '../page/dom.js';

/** Whether a file may hold text to learn from: it is no file of weights, no archive, no image and no video. */
export function isTrainingFile(file: File): boolean {
  return !/\.(?:gguf|safetensors|bin|pth?|ckpt|onnx|zip)$/i.test(file.name) && !isMedia(file);
}

/** The text to learn from: pasted text and files. */
export class LessonText {
  readonly #area = byId('lesson-text', HTMLTextAreaElement);
  readonly #list = byId('lesson-files', HTMLElement);
  readonly #size = byId('lesson-size', HTMLElement);
  readonly #files = new Map<string, File>();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    const input = byId('lesson-input', HTMLInputElement);
    const add = byId('lesson-add', HTMLButtonElement);
    add.addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      this.add(input.files ?? []);
      input.value = '';
    });
    this.#area.addEventListener('input', () => this.#show());
    this.#onChange = onChange;
  }

  /** Pasted text, then files in the order in which they were added. */
  get files(): readonly File[] {
    const text = this.#area.value;
    const pasted = text.trim() === '' ? [] : [new File([text], 'the pasted text')];
    return [...pasted, ...this.#files.values()];
  }

  /** Adds files. A file replaces an earlier one of the same name. */
  add(files: Iterable<File>): void {
    for (const file of files) this.#files.set(file.name, file);
    this.#show();
  }

  #show(): void {
    this.#list.replaceChildren(...[...this.#files.values()].map((file) => this.#row(file)));
    const bytes = this.files.reduce((sum, { size }) => sum + size, 0);
    this.#size.textContent = bytes === 0 ? '' : `${humanBytes(bytes)} of text`;
    this.#onChange();
  }

  #row({ name, size }: File): HTMLElement {
    const attributes = { type: 'button', class: 'quiet', 'aria-label': `Remove ${name}` };
    const remove = make('button', attributes, 'Remove');
    remove.addEventListener('click', () => {
      this.#files.delete(name);
      this.#show();
      byId('lesson-add', HTMLButtonElement).focus();
    });
    return make('li', {}, make('span', {}, name), make('span', {}, humanBytes(size)), remove);
  }
}
