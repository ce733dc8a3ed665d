/** The folder of a small model that was trained in PyTorch: fixtures/stories-tiny/NOTICE.txt. */
export const storiesTiny: URL = new URL('../fixtures/stories-tiny/', import.meta.url);
