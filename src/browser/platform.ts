// The twin of ../platform.ts for runtimes without Node's modules: pages, workers, the edge.
import { Gpt2Error } from '../errors.js';
import { HttpSource } from '../http/http_source.js';
import { DEFAULT_ENDPOINT, fileUrl, parseHubId } from '../hub/hub_url.js';
import type * as node from '../platform.js';
import { compileResponse } from './binary_response.js';
import * as threads from './threads.js';

export { startModelWorker } from './start_worker.js';
export { workerLine } from './worker_line.js';

export const compileFile: typeof node.compileFile = compileResponse;

/**
 * The folder of the model that comes with the package, beside the module as the package is laid out. A bundler
 * leaves it where it is, and a runtime whose modules have no address cannot say where: give `loadModel` the files.
 */
export const embeddedModel: typeof node.embeddedModel = new URL(
  '../../models/stories-tiny/',
  import.meta.url ?? 'file:///',
);

export const openPath: typeof node.openPath = async (path, options) => {
  const hubId = typeof path === 'string' ? parseHubId(path) : undefined;
  if (hubId !== undefined) {
    // A file is looked up for itself, and all others by their names below the revision.
    return new HttpSource(new URL(fileUrl(DEFAULT_ENDPOINT, hubId.repo, 'main', hubId.file ?? '')), options);
  }
  const page = globalThis.location?.href;
  if (page !== undefined && URL.canParse(path, page)) {
    const url = new URL(path, page);
    if (/^https?:$/.test(url.protocol)) return new HttpSource(url, options);
  }
  throw new Gpt2Error(
    'invalid-option',
    `${JSON.stringify(String(path))} cannot be read here; give an http: URL, the id of a model on the hub, or the files`,
  );
};

export const threadPlatform: typeof node.threadPlatform = () =>
  typeof Worker === 'function' ? threads : undefined;
