import { cachedFiles, deleteCachedFiles, loadModel } from '../../../../build/web/index.js';

/**
 * Loads a model from `url`. Gives what was downloaded, what is cached afterwards, and the text that it
 * writes.
 */
export async function run({ url, cache, room, abortAt = Infinity, remove }) {
  if (room !== undefined) navigator.storage.estimate = async () => ({ quota: room, usage: 0 });
  if (remove !== undefined) return (await deleteCachedFiles(remove)).length;
  const controller = new AbortController();
  const downloads = [];
  let text;
  let error;
  try {
    const model = await loadModel(url, {
      build: 'simd',
      ...(cache !== undefined && { cache }),
      signal: controller.signal,
      onDownload(progress) {
        downloads.push(progress);
        if (progress.loaded > abortAt) controller.abort();
      },
    });
    ({ text } = await model.generate('Once upon a time', { temperature: 0, maxTokens: 8 }));
    model.dispose();
  } catch ({ code, message }) {
    error = { code, message };
  }
  const files = (await cachedFiles()).map((file) => [new URL(file.url).pathname, file.byteLength]);
  return { first: downloads[0], last: downloads.at(-1), text, error, files: Object.fromEntries(files) };
}
