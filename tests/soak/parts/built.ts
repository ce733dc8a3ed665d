/** An entry of the package as users get it, built: the soak measures that, and not what compiles it. */
const built = (entry: string) => import(new URL(`../../../build/esm/${entry}.js`, import.meta.url).href);

export const { loadModel }: typeof import('../../../src/index.js') = await built('index');
export const { createWorkerModel }: typeof import('../../../src/worker.js') = await built('worker');
export const { Trainer }: typeof import('../../../src/train.js') = await built('train');
