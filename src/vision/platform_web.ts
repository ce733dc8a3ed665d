import type * as node from './platform.js';

/**
 * The folder of the captioner that comes with the package, beside the module as the package is laid out:
 * `loadCaptioner(embeddedCaptioner)`. It describes drawings of circles, squares, triangles and stars, and knows nothing
 * else. A bundler leaves it where it is, and a runtime whose modules have no address cannot say where: give
 * `loadCaptioner` its files.
 */
export const embeddedCaptioner: typeof node.embeddedCaptioner = new URL(
  '../../models/captions/',
  import.meta.url ?? 'file:///',
);
