import { humanBytes } from '../../human_bytes.js';
import { make } from '../dom.js';
import type { Saved } from './protocol.js';

/** Links to the files of a trained model, for other programs and for this page. */
export function downloadLinks({ files, isAdapter, gguf }: Saved, curve: File | undefined): HTMLElement[] {
  releaseLinks();
  const list = (heading: string, of: readonly File[]) => [
    make('h3', {}, heading),
    make('ul', {}, ...of.map((file) => make('li', {}, linkTo(file), ` ${humanBytes(file.size)}`))),
  ];
  return [
    ...(gguf ? list('One file, for this page, llama.cpp and others', [gguf]) : []),
    ...list(isAdapter ? 'The adapter, as PEFT keeps it' : 'As Hugging Face keeps it', files),
    ...(curve ? list('The loss curve', [curve]) : []),
  ];
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
