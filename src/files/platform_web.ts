// Files in runtimes without Node's modules: pages, workers, the edge.
import { Gpt2Error } from '../base/errors.js';
import { openHttp } from './http/open_http.js';
import { checkHubModel, DEFAULT_ENDPOINT, fileUrl } from './hub/hub_url.js';
import type * as node from './platform.js';

export { dataFiles, openDataSet, openLineLog, openTarget, openTrainingStateStore } from './no_folders.js';

/**
 * The file of the model that comes with the package, beside the module as the package is laid out. A bundler
 * leaves it where it is, and a runtime whose modules have no address cannot say where: give `loadModel` its
 * bytes.
 */
export const embeddedModel: typeof node.embeddedModel = new URL(
  '../../models/stories/stories.gguf',
  import.meta.url ?? 'file:///',
);

/** There is no file system here, so no path exists. */
export const isThere: typeof node.isThere = async () => false;

export const openPath: typeof node.openPath = async (path, options) => {
  const page = globalThis.location?.href;
  if (page !== undefined && URL.canParse(path, page)) {
    const url = new URL(path, page);
    if (/^https?:$/.test(url.protocol)) return openHttp(url, options);
  }
  throw new Gpt2Error(
    'invalid-option',
    `${JSON.stringify(String(path))} cannot be read here; give an http: URL, the id of a model on the hub, or the files`,
  );
};

export const openHub: typeof node.openHub = async (id, { revision = 'main', token, ...options }) => {
  checkHubModel(id, revision, options.wanted);
  if (token !== undefined) {
    throw new Gpt2Error(
      'invalid-option',
      'token is not for pages and edge runtimes, where only public models load',
    );
  }
  // A file is looked up for itself, and all others by their names below the revision.
  return openHttp(new URL(fileUrl(DEFAULT_ENDPOINT, id.repo, revision, id.file ?? '')), options);
};
