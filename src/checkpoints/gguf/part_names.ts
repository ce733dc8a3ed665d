/** The name of a part of a split file, as llama.cpp's gguf-split gives it. */
const PART = /^(.*-)(\d{5})(-of-)(\d{5})(\.gguf)$/i;
/** gguf-split counts parts in 16 bits. */
export const MOST_PARTS = 2 ** 16;

/** The number of a part, from 1, and the paths of all parts; `undefined` for other names. */
export function partsOf(path: string): { number: number; paths: readonly string[] } | undefined {
  const [, stem, number, of, count, extension] = PART.exec(path) ?? [];
  if (stem === undefined || Number(count) >= MOST_PARTS) return undefined;
  const paths = Array.from(
    { length: Number(count) },
    (_, i) => `${stem}${String(i + 1).padStart(5, '0')}${of}${count}${extension}`,
  );
  return { number: Number(number), paths };
}
