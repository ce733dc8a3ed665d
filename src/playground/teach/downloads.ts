import { humanBytes } from '../../base/human_bytes.js';
import { make } from '../page/dom.js';

export interface Downloads {
  /** The whole model in one file; `undefined` if GGUF cannot describe the model. */
  readonly gguf: File | undefined;
  /** Archive with the files of the model or the adapter. */
  readonly zip: File;
  readonly isAdapter: boolean;
  readonly curve: File | undefined;
}

/** Links to download the files of a trained model. Releases the links of the previous call. */
export function downloadLinks({ gguf, zip, isAdapter, curve }: Downloads): HTMLElement[] {
  releaseLinks();
  const rows: (readonly [file: File | undefined, meaning: string])[] = [
    [gguf, 'one file, for this page, llama.cpp and others'],
    [
      zip,
      isAdapter
        ? 'the adapter in the format of PEFT, for this page too'
        : 'in the format of Hugging Face, for this page too',
    ],
    [curve, 'the loss curve'],
  ];
  const items = rows.flatMap(([file, meaning]) =>
    file === undefined ? [] : [make('li', {}, linkTo(file), ` ${humanBytes(file.size)}, ${meaning}`)],
  );
  return [make('h3', {}, 'Download'), make('ul', {}, ...items)];
}

const addresses: string[] = [];

/** Frees the files of earlier links, which object URLs keep in memory. */
function releaseLinks(): void {
  for (const address of addresses.splice(0)) URL.revokeObjectURL(address);
}

function linkTo(file: File): HTMLElement {
  const href = URL.createObjectURL(file);
  addresses.push(href);
  return make('a', { href, download: file.name }, file.name);
}
