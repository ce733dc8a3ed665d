import type { Bytes } from '../base/bytes.js';
import { invalidOption } from '../base/check_options.js';
import { isBlob, isUrl } from '../base/realms.js';
import { parseHubId } from '../files/hub/hub_url.js';
import type { WireAdapter, WireSource } from './protocol.js';

/** A source as it is sent to the worker. Throws `invalid-option` for a source object. */
export async function wireSource(source: unknown): Promise<WireSource> {
  if (typeof source === 'string' || isUrl(source)) {
    // A worker would resolve a relative address against that of its script.
    const here = globalThis.location?.href;
    const isRelative = parseHubId(String(source)) === undefined && !URL.canParse(source);
    return here !== undefined && isRelative ? new URL(source, here).href : String(source);
  }
  // Loaded on demand, since most models have an address.
  const { filesByPath } = await import('../files/model_files.js');
  const files = filesByPath(source);
  if (files !== undefined) return files;
  throw invalidOption(
    'source',
    source,
    "a URL, a path, files or their bytes: a worker can call no object's functions",
  );
}

export const sourcesOf = (adapters: readonly WireAdapter[] = []) => adapters.map(({ source }) => source);

/** The buffers that are moved and not copied. */
export function buffersOf(...sources: readonly WireSource[]): ArrayBuffer[] {
  const files = sources.flatMap((source) => (typeof source === 'string' ? [] : [...source.values()]));
  // Parts of larger buffers (Node's small files) and empty buffers are copied; copying throws for buffers
  // that were moved.
  const bytes = files.filter(
    (file): file is Bytes =>
      !isBlob(file) && file.byteLength > 0 && file.byteLength === file.buffer.byteLength,
  );
  return [...new Set(bytes.map(({ buffer }) => buffer as ArrayBuffer))];
}
