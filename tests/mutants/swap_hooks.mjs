// The hooks of preload.mjs, which Node runs in a thread of their own.
let swaps = {};

export function initialize(data) {
  swaps = data;
}

/** A file keeps its URL, so that its imports are found. */
export function load(url, context, next) {
  return next(swaps[url] ?? url, context);
}
