/** Bytes at the start of a file that tell its kind. */
export const KNOWN_BYTES = 64;

/** First little-endian u32 of llm.c's files: model, training state, tokenizer, data. */
const LLM_C: readonly number[] = [20240326, 20240527, 20240328, 20240520];

/** Kinds of files that are often found under the name of another kind, by their first bytes. */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: they are bytes of files
const BEGINNINGS: readonly (readonly [begins: RegExp, is: string])[] = [
  [/^version https:\/\/git-lfs/, 'a pointer of Git LFS in place of the file; fetch that with "git lfs pull"'],
  [/^\s*<(?:!doctype|html)/i, 'a web page in place of the file; download the file itself'],
  [/^GGUF/, 'a GGUF file; its name must end in .gguf'],
  [
    /^PK\x03\x04|^\x80[\x02-\x05]/,
    'a file of PyTorch, which is not read; save the model again as safetensors',
  ],
  [/^\x89HDF/, 'a file of TensorFlow, which is not read; save the model again as safetensors'],
  [/^\x1f\x8b/, 'compressed by gzip; decompress it first'],
  [/^(?:lmgg|fmgg|tjgg)/, "in llama.cpp's old format; convert the original model again, to GGUF"],
];
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: they are bytes of files

/**
 * The kind of file that begins with these bytes and the advice for it, to follow "is"; `undefined` if it is
 * unknown.
 */
export function knownBytes(bytes: Uint8Array): string | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, KNOWN_BYTES));
  const found = BEGINNINGS.find(([begins]) => begins.test(text));
  if (found !== undefined) return found[1];
  if (bytes.length < 4) return undefined;
  const first = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return LLM_C.includes(first)
    ? "a file of llm.c, which is not read; export its model with llm.c's dev/eval/export_hf.py"
    : undefined;
}
