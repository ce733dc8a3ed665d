import { humanBytes } from '../../base/human_bytes.js';
import { make } from '../page/dom.js';

export interface Downloads {
  /** The whole model in one file, if the format has a word for such a model. */
  readonly gguf: File | undefined;
  /** The files of the model or the adapter. */
  readonly zip: File;
  readonly isAdapter: boolean;
  readonly curve: File | undefined;
}

/** Links to the files of a trained model, for other programs and for this page. */
export function downloadLinks({ gguf, zip, isAdapter, curve }: Downloads): HTMLElement[] {
  releaseLinks();
  const rows: (readonly [file: File | undefined, meaning: string])[] = [
    [gguf, 'one file, for this page, llama.cpp and others'],
    [
      zip,
      isAdapter
        ? 'the adapter as PEFT keeps it, for this page too'
        : 'as Hugging Face keeps it, for this page too',
    ],
    [curve, 'the loss curve'],
  ];
  const items = rows.flatMap(([file, meaning]) =>
    file === undefined ? [] : [make('li', {}, linkTo(file), ` ${humanBytes(file.size)}, ${meaning}`)],
  );
  return [make('h3', {}, 'Download'), make('ul', {}, ...items)];
}

const addresses: string[] = [];

/** An address keeps its file alive. */
function releaseLinks(): void {
  for (const address of addresses.splice(0)) URL.revokeObjectURL(address);
}

function linkTo(file: File): HTMLElement {
  const href = URL.createObjectURL(file);
  addresses.push(href);
  return make('a', { href, download: file.name }, file.name);
}
